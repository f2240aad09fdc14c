// How texts are set: Markdown, code, formulas, money, directions, HTML as text; and that no text can hold the page up.
#include <fmt/format.h>

#include <chrono>
#include <iostream>

#include "tests/rating_page/page.h"

namespace assay::testing {
namespace {

struct Case {
  const char* text;
  const char* html;
};

const Case kMarkdown[] = {
    {"A *b* **c** ~~d~~", R"(<p dir="auto">A <em>b</em> <strong>c</strong> <del>d</del></p>)"},
    {"# One\n#### Four", R"(<h3 dir="auto">One</h3><h6 dir="auto">Four</h6>)"},
    {"two\nlines", R"(<p dir="auto">two<br>lines</p>)"},
    {"- a\n- b\n  1. c", R"(<ul dir="auto"><li>a</li><li>b<ol start="1"><li>c</li></ol></li></ul>)"},
    {"- a\n\n- b", R"(<ul dir="auto"><li><p>a</p></li><li><p>b</p></li></ul>)"},
    {"7. a\n8. b", R"(<ol start="7" dir="auto"><li>a</li><li>b</li></ol>)"},
    {"- [x] done\n- [ ] open", R"(<ul dir="auto"><li>☑ done</li><li>☐ open</li></ul>)"},
    {"> said\n\n---", R"(<blockquote dir="auto"><p>said</p></blockquote><hr dir="auto">)"},
    {"|a|b|\n|---|--:|\n|1|2|",
     R"(<div class="wide" dir="auto"><table><thead><tr><th>a</th><th align="right">b</th></tr></thead>)"
     R"(<tbody><tr><td>1</td><td align="right">2</td></tr></tbody></table></div>)"},
    {"```c++\na < b && *c\n```",
     R"(<pre data-language="c++" dir="ltr"><code dir="ltr">a &lt; b &amp;&amp; *c</code></pre>)"},
    {"    indented", R"(<pre dir="ltr"><code dir="ltr">indented</code></pre>)"},
    {"`a && <b>`", R"(<p dir="auto"><code dir="ltr">a &amp;&amp; &lt;b&gt;</code></p>)"},
    {"AT&T &lt;b&gt; &copy; &#65; &nosuch; \\*", R"(<p dir="auto">AT&amp;T &lt;b&gt; © A &amp;nosuch; *</p>)"},
    {"[a](https://x.org/?b=1&c=2 \"t\")",
     R"(<p dir="auto"><span class="link">a</span> <span class="address">https://x.org/?b=1&amp;c=2</span></p>)"},
    {"<https://x.org>", R"(<p dir="auto"><span class="address">https://x.org</span></p>)"},
    {"![a](https://x.org/i.png)",
     R"(<p dir="auto"><span class="image">a</span> <span class="address">https://x.org/i.png</span></p>)"},
    {"[1]: https://x.org \"hidden\"", R"(<p dir="auto">[1]: <span class="address">https://x.org</span> "hidden"</p>)"},
    {"", R"(<p class="aside">(empty)</p>)"},
};

const Case kHtml[] = {
    {"a <b>b</b> <!-- c -->", R"(<p dir="auto">a &lt;b&gt;b&lt;/b&gt; &lt;!-- c --&gt;</p>)"},
    {"<div>\n*a*\n</div>", R"(<p dir="auto">&lt;div&gt;<br><em>a</em></p><p dir="auto">&lt;/div&gt;</p>)"},
    {"<script>x</script>", R"(<p dir="auto">&lt;script&gt;x&lt;/script&gt;</p>)"},
    {"<p style='color:red' id=a>", R"(<p dir="auto">&lt;p style='color:red' id=a&gt;</p>)"},
};

const Case kFormulas[] = {
    {"$x^2$ and \\(y\\)", R"(<p dir="auto">[[x^2]] and [[y]]</p>)"},
    {"$$a=b$$", R"(<p dir="auto">[[a=b]]</p>)"},
    {"Text\n$$\na = b\n- c\n$$\nmore", R"(<p dir="auto">Text</p><p dir="auto">[[
a = b
- c
]]</p><p dir="auto">more</p>)"},
    {"\\[\na\n\\]", "<p dir=\"auto\">[[\na\n]]</p>"},
    {"- so \\[x\\] there", R"(<ul dir="auto"><li>so [[x]] there</li></ul>)"},
    {"the $n$th, the $x$-axis, **$a_1$**",
     R"(<p dir="auto">the [[n]]th, the [[x]]-axis, <strong>[[a_1]]</strong></p>)"},
    {"$a*b$ and $c*d$", R"(<p dir="auto">[[a*b]] and [[c*d]]</p>)"},
    {"`$x$` stays", R"(<p dir="auto"><code dir="ltr">$x$</code> stays</p>)"},
    {"```\n$x$ \\[y\\]\n```", R"(<pre dir="ltr"><code dir="ltr">$x$ \[y\]</code></pre>)"},
    {"$\\frac{a$", R"(<p dir="auto"><code dir="ltr">$\frac{a$</code></p>)"},
    {"$\\fcolorbox{red}{blue}{x}$", R"(<p dir="auto">[[framed]]</p>)"},
    {"$\\def\\a{\\a\\a}\\a$", R"(<p dir="auto"><code dir="ltr">$\def\a{\a\a}\a$</code></p>)"},
    {"$2 \\cdot 3$ and $2+3=5$", R"(<p dir="auto">[[2 \cdot 3]] and [[2+3=5]]</p>)"},
};

const Case kMoney[] = {
    {"$5 and $10", R"(<p dir="auto">$5 and $10</p>)"},
    {"It costs $5-$10, US$5 or A$6.", R"(<p dir="auto">It costs $5-$10, US$5 or A$6.</p>)"},
    {"$10 to 20$", R"(<p dir="auto">$10 to 20$</p>)"},
    {"\\$5 and $x$", R"(<p dir="auto">$5 and [[x]]</p>)"},
    {"**$5**, **$6**", R"(<p dir="auto"><strong>$5</strong>, <strong>$6</strong></p>)"},
    {"$5 (or US$)", R"(<p dir="auto">$5 (or US$)</p>)"},
    {"$1,000/month, $2,000/month", R"(<p dir="auto">$1,000/month, $2,000/month</p>)"},
    {"$HOME/$USER and $PATH", R"(<p dir="auto">$HOME/$USER and $PATH</p>)"},
    {"$AAPL, $TSLA ($GOOG)", R"(<p dir="auto">$AAPL, $TSLA ($GOOG)</p>)"},
    {"from $3 to $4 per $x$", R"(<p dir="auto">from $3 to $4 per [[x]]</p>)"},
};

const Case kDirections[] = {
    {"שלום `a`", R"(<p dir="auto">שלום <code dir="ltr">a</code></p>)"},
    {"a\u202Eb\u202Cc",
     R"(<p dir="auto">a<span class="invisible">U+202E</span>b<span class="invisible">U+202C</span>c</p>)"},
    {"a\u200Bb \u2066c",
     R"(<p dir="auto">a<span class="invisible">U+200B</span>b <span class="invisible">U+2066</span>c</p>)"},
    {"`a\u202Eb`", R"(<p dir="auto"><code dir="ltr">a<span class="invisible">U+202E</span>b</code></p>)"},
    {"a\u200Dd \u200C",
     R"(<p dir="auto">a<span class="invisible">U+200D</span>d <span class="invisible">U+200C</span></p>)"},
    {"می\u200Cخواهم 👩\u200D👧", "<p dir=\"auto\">می\u200Cخواهم 👩\u200D👧</p>"},
    {"🏴\U000E0067\U000E0062\U000E007F", "<p dir=\"auto\">🏴\U000E0067\U000E0062\U000E007F</p>"},
    {"a\U000E0041\U000E0042", R"(<p dir="auto">a<span class="invisible">U+E0041</span></p>)"},
    {"$a\u202E$", R"(<p dir="auto"><code dir="ltr">$a<span class="invisible">U+202E</span>$</code></p>)"},
};

std::vector<nlohmann::json> one_pair() {
  return std::vector<nlohmann::json>(1, a_pair("p", "l", "r"));
}

class Rendering : public RatingPage {
 protected:
  template <size_t N>
  void expect(const Case (&cases)[N]) {
    RatingStub stub(one_pair());
    enter(stub);
    for (const Case& c : cases) EXPECT_EQ(rendered(c.text), c.html) << c.text;
    expect_clean(stub);
    std::cout << N << " texts set as expected\n";
  }
};

TEST_F(Rendering, Markdown) {
  expect(kMarkdown);
}
TEST_F(Rendering, HtmlIsShownAsText) {
  expect(kHtml);
}
TEST_F(Rendering, Formulas) {
  expect(kFormulas);
}
TEST_F(Rendering, MoneyIsNoFormula) {
  expect(kMoney);
}
TEST_F(Rendering, DirectionsAndInvisibleCharacters) {
  expect(kDirections);
}

// Everything that KaTeX draws in a way of its own, under the content policy.
TEST_F(Rendering, FormulasNeedNoInlineStyles) {
  RatingStub stub(one_pair());
  enter(stub);
  const char* formulas[] = {
      R"(\sqrt[3]{x}+\overbrace{a+b}^{c}+\underline{d})",
      R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})",
      R"(\boxed{x}\fbox{y}\colorbox{red}{z}\fcolorbox{blue}{red}{w})",
      R"(\cancel{a}\bcancel{b}\xcancel{c}\sout{d})",
      R"(\color{red}x\textcolor{#0f0}{y})",
      R"(\rule{1000em}{1000em}\kern{500em}\hspace{-99em})",
      R"(\raisebox{5em}{x}\phantom{x}\smash{y}\llap{z}\rlap{w})",
      R"(\begin{CD}A@>a>>B\\@VbVV@VVcV\\C@>>d>D\end{CD})",
      R"(\begin{align}a&=b\\c&=d\end{align})",
      R"(\left(\begin{matrix}1\\2\\3\\4\\5\\6\\7\end{matrix}\right|)",
      R"(\pmb{x})",
      R"(\xrightarrow[a]{b}\overrightarrow{AB}\widehat{abc})",
      R"(\left(\frac{\int_0^1 x\,dx}{\sum_{i=1}^n i}\right))",
      R"(\href{javascript:alert(1)}{x}\url{https://x.org})",
      R"(\includegraphics{https://x.org/a.png})",
      R"(\htmlData{a=b}{x}\htmlStyle{color:red}{y}\htmlId{a}{z}\htmlClass{b}{w})",
      R"(\tag{1} x=y)",
      R"(\begin{array}{|c|c|}\hline a&b\\\hdashline c&d\end{array})",
      R"(\angl n \phase{78})",
      R"(\text{a \textbf{b} $c$}\verb|d|)",
      R"(\unknown{x}\operatorname{lcm})",
      R"(\Huge x \tiny y \mathbb{R}\mathscr{L})",
  };
  for (const char* formula : formulas) rendered(fmt::format("$${}$$ and ${}$", formula, formula));
  EXPECT_EQ(browser().script("return document.querySelectorAll('.text a, .text img, .text [href]').length"), 0);
  expect_clean(stub);
  std::cout << std::size(formulas) << " constructs of KaTeX, each twice\n";
}

std::string repeated(std::string_view part, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += part;
  return all;
}

// Each is shown, as Markdown or as plain text; meanwhile the page answers.
TEST_F(Rendering, NoTextHoldsThePageUp) {
  RatingStub stub(one_pair());
  enter(stub);
  const std::pair<const char*, std::string> texts[] = {
      {"100 KB of Markdown", repeated("Some *words* and `code`, with $x^2$ here.\n\n- one\n- two\n\n", 1700)},
      {"a line of 50 KB", repeated("word", 12500)},
      {"a line of 50 KB in a code block", "```\n" + repeated("word", 12500) + "\n```"},
      {"10,000 quotations in each other", repeated(">", 10000) + " deep"},
      {"10,000 lists in each other", repeated("- ", 10000) + "deep"},
      {"10,000 lists by indentation",
       [] {
         std::string all;
         for (size_t depth = 0; depth < 300; ++depth) all += repeated("  ", depth) + "- a\n";
         return all;
       }()},
      {"50,000 brackets", repeated("[", 50000)},
      {"50,000 brackets and parentheses", repeated("[a](", 12500)},
      {"50,000 asterisks", repeated("*a ", 17000)},
      {"50,000 underscores", "a" + repeated("_", 50000)},
      {"25,000 emphases in each other", repeated("*a_ ", 12500)},
      {"50,000 backticks", repeated("` `` ", 10000)},
      {"50,000 dollars", repeated("$a", 25000)},
      {"50,000 less-thans", repeated("<", 50000)},
      {"a table of 20,000 cells", "|a|b|\n|-|-|\n" + repeated("|1|2|\n", 10000)},
      {"a wide table", repeated("|a", 5000) + "|\n" + repeated("|-", 5000) + "|\n" + repeated("|b", 5000) + "|"},
      {"2,000 formulas", repeated("$\\frac{a}{b}$ ", 2000)},
      {"a macro that doubles", "$\\edef\\a{xx}" + repeated("\\edef\\a{\\a\\a}", 40) + "\\a$"},
      {"Unicode subscripts that grow", "$\\def\\a{x₁\\a}x" + repeated("₁", 3000) + "\\a$"},
      {"3,000 braces", "$" + repeated("{", 1500) + repeated("}", 1500) + "$"},
      {"500 fractions in each other", "$" + repeated("\\frac{a}{", 400) + "b" + repeated("}", 400) + "$"},
      {"1 MB", repeated("0123456789abcde ", 65536)},
      {"20,000 invisible characters", repeated("a\u202E", 20000)},
      {"20,000 combining characters", "a" + repeated("\u0301", 20000)},
  };
  for (const auto& [name, text] : texts) {
    const nlohmann::json found = browser().script(
        R"(return import('/assets/render.js').then(async ({ render }) => {
             const box = document.createElement('div');
             box.className = 'text';
             document.body.append(box);
             let last = performance.now(), stall = 0;
             const beat = setInterval(() => {
               stall = Math.max(stall, performance.now() - last);
               last = performance.now();
             }, 5);
             const begin = performance.now();
             await render(arguments[0], box, () => true);
             box.scrollHeight;
             await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
             clearInterval(beat);
             const found = { took: performance.now() - begin, stall, length: box.textContent.length,
               plain: box.querySelector('.plain') !== null };
             box.remove();
             return found;
           });)",
        {text});
    EXPECT_LT(found.at("took"), 8000) << name;
    EXPECT_LT(found.at("stall"), 2500) << name;
    EXPECT_GT(found.at("length"), 0) << name;
    std::cout << fmt::format("{:32} {:7} bytes  {:6.0f} ms  longest stall {:5.0f} ms  {}\n", name, text.size(),
                             found.at("took").get<double>(), found.at("stall").get<double>(),
                             found.at("plain") == true ? "plain text" : "Markdown");
  }
  expect_clean(stub);
}

TEST_F(Rendering, TheClockCountsOnlyWhatIsSeenAndAlive) {
  RatingStub stub(one_pair());
  enter(stub);
  const nlohmann::json found = browser().script(
      R"(return import('/assets/clock.js').then(({ activeClock }) => {
           let now = 0;
           const clock = activeClock(() => now, 60000);
           const seen = [];
           const at = (time, act) => { now = time; act?.(); seen.push(clock.read()); };
           at(0, () => clock.start(1000));
           at(10000);                          // 10 s of reading
           at(20000, () => clock.touch());
           at(200000);                         // asleep: 60 s of 180
           at(200000, () => clock.touch());
           at(210000, () => clock.stop());     // hidden
           at(900000, () => clock.touch());
           at(900000, () => clock.resume());
           at(905000);
           return seen;
         });)");
  EXPECT_EQ(found, nlohmann::json({1000, 11000, 21000, 81000, 81000, 91000, 91000, 91000, 96000}));
}

}  // namespace
}  // namespace assay::testing

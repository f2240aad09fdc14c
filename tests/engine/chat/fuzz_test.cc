// Templates broken at random: whatever comes in, a text or an Error comes out, within the limits.
#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "base/random.h"
#include "engine/chat/globals.h"
#include "engine/chat/interpreter.h"
#include "engine/chat/parser.h"
#include "tests/engine/chat/support.h"

namespace assay::engine::chat {
namespace {

// Templates that use most of the language; what is cut out of one is put into another.
const std::vector<std::string> kSeeds = {
    "{%- set ns = namespace(n=0, s='') -%}{% for m in messages if m.content %}{% set ns.n = ns.n + loop.index %}{{ "
    "'<|im_start|>' + m['role'] ~ '\\n' ~ m.content | trim }}{% if not loop.last %}, {% else %}.{% endif %}{% endfor "
    "%}{{ ns.n // 2 }}",
    "{% macro turn(role, text='x') %}<{{ role | upper }}>{{ text[1:-1] }}{{ caller() if caller else '' "
    "}}{%- endmacro %}{% for i in range(30) %}{{ turn('a', text='bcd') }}{% if i == 20 %}{% break %}{% endif %}{% "
    "endfor %}{% call "
    "turn('x') %}in{% endcall %}",
    "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list | tojson(indent=2) }}{{ "
    "{'a': [1, 2.5, none, true], 'b': (1,)} }}{{ 'a,b'.split(',')[0] * 3 }}{{ '%5.2f|%s' % (1.5, 'x') }}",
    "{% set x %} {{ bos_token | default('none', true) }} {% endset %}{{ x.strip().replace('s', messages[0].content) "
    "}}{% with y = 2 ** 3 %}{{ y is divisibleby 4 and y not in [1, 2] or y is none }}{% endwith %}{# c #}{% raw %}{{ "
    "}}{% endraw %}",
    "{% for a, b in {'k': 'v', 'w': [1, [2, [3]]]}.items() recursive %}{{ loop.cycle(a, b) }}{{ loop.previtem }}{% "
    "continue %}{% endfor %}{{ 'x' if nothing is defined else -1 | abs }}{{ [3, 1, 2] | sort | join('-') | length "
    "}}{{ 'ab'.format() }}{{ strftime_now('%d %b') }}{{ messages[::-1][0]['content'][::2] }}",
};
const std::vector<std::string> kPieces = {
    "{{",   "}}",   "{%",    "%}",  "{%-",   "-%}",       "{#",      "#}",      "(",          ")",     "[",
    "]",    "{",    "}",     "'",   "\"",    "\\",        "|",       "~",       "loop",       "ns.n",  "messages",
    " if ", " for", "endif", " is", " not ", "**",        "//",      "range(",  "9999999999", "0",     "-1",
    ".5",   "\n",   "\xff",  "%",   "*",     "recursive", "raw",     "set x =", "caller()",   "loop(", "[::-1]",
    "x",    " in ", "and ",  "==",  "<",     "join",      "replace", "tojson",  "map(",       "''",    "1e308"};

size_t draw(PythonRandom& random, size_t below) {
  return random.below(static_cast<uint32_t>(below));
}

const std::string& draw(PythonRandom& random, const std::vector<std::string>& texts) {
  return texts[draw(random, texts.size())];
}

std::string mutated(PythonRandom& random) {
  std::string text = draw(random, kSeeds);
  const size_t changes = 1 + draw(random, 3);
  for (size_t i = 0; i < changes; ++i) {
    const size_t at = draw(random, text.size() + 1);
    switch (draw(random, 4)) {
      case 0:
        text.erase(at, draw(random, 8));
        break;
      case 1:
        text.insert(at, draw(random, kPieces));
        break;
      case 2: {
        const std::string& other = draw(random, kSeeds);
        const size_t from = draw(random, other.size());
        text.insert(at, other.substr(from, draw(random, 40)));
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(draw(random, 256));
    }
  }
  return text;
}

TEST(ChatFuzz, EveryTemplateEnds) {
  constexpr int64_t kWanted = 1'000'000;  // steps in all
  constexpr int kMost = 60'000;           // templates
  int64_t steps = 0;
  int outcomes[3] = {};  // no template, failed while rendering, rendered
  int templates = 0;
  PythonRandom random(9);
  for (; templates < kMost && steps < kWanted; ++templates) {
    const std::string source = mutated(random);
    Runtime runtime({.steps = 20'000, .depth = 400, .memory = 4U << 20U}, std::tm{});
    int reached = 0;
    try {
      const Block block = parse_template(source);
      reached = 1;
      Scope* names = runtime.scope(global_scope(runtime));
      Dict* message = runtime.dict();
      message->entries.emplace_back(runtime.text("role"), runtime.text("user"));
      message->entries.emplace_back(runtime.text("content"), runtime.text(MarkedText(" <s>hé\xff ", true)));
      names->names.emplace_back("messages", runtime.list({Value(message), Value(message)}));
      Interpreter(runtime, names).render(block);
      reached = 2;
    } catch (const TemplateError& error) {
      EXPECT_STRNE(error.what(), "") << source;
    }
    ++outcomes[reached];
    steps += runtime.steps();
  }
  EXPECT_GE(steps, kWanted);
  EXPECT_GT(outcomes[1], 100);
  EXPECT_GT(outcomes[2], 100);
  std::cout << templates << " templates: " << outcomes[0] << " refused, " << outcomes[1] << " failed, " << outcomes[2]
            << " rendered, " << steps << " steps\n";
}

// What is nested without end in the source is refused before anything recursive walks it.
TEST(ChatFuzz, DeepSourcesAreRefused) {
  const struct {
    const char* begin;
    const char* repeated;
  } cases[] = {{"{{ ", "("},
               {"{{ ", "["},
               {"{{ ", "{1:"},
               {"{{ ", "not "},
               {"{{ ", "-"},
               {"{{ 1", "+1"},
               {"{{ x", ".y"},
               {"{{ x", "[0]"},
               {"{{ x", "()"},
               {"{{ x", "|f"},
               {"{{ x", " is y"},
               {"{{ 1", " if 1 else 1"},
               {"", "{% if 1 %}"},
               {"", "{% for x in y %}"},
               {"{% set ", "("},
               {"{{ 1", " or 1"},
               {"{{ 1", " and 1"},
               {"{{ 1", "*1"},
               {"{{ 1", "**1"},
               {"{{ x", "[(1,"},
               {"{{ x is y ", "[x is y "}};
  for (const auto& one : cases) {
    std::string source = one.begin;
    for (int i = 0; i < 100'000; ++i) source += one.repeated;
    EXPECT_THROW(parse_template(source), TemplateError) << one.repeated;
  }
}

}  // namespace
}  // namespace assay::engine::chat

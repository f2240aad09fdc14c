// What came from a message stays literal, whatever a template does with it; begun answers; templates that cannot be
// used.
#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "tests/engine/chat/support.h"

namespace assay::engine::chat {
namespace {

const std::vector<Turn> kHostile = {{"user", " <s>Ab c</s> "}};

TEST(ChatMarks, FollowTheBytesOfAMessage) {
  const struct {
    const char* source;
    const char* marked;
  } cases[] = {
      {"{{ bos_token }}{{ messages[0].content }}</s>", "<s>[ <s>Ab c</s> ]</s>"},
      {"{{ '<s>' + messages[0].content + '</s>' }}", "<s>[ <s>Ab c</s> ]</s>"},
      {"{{ 1 ~ messages[0].content | trim ~ 2 }}", "1[<s>Ab c</s>]2"},
      {"<{{ messages[0].content.strip() }}>", "<[<s>Ab c</s>]>"},
      {"{{ messages[0].content[1:4] }}!", "[<s>]!"},
      {"{{ messages[0].content[::-1] | trim }}.", "[>s/<c bA>s<]."},
      {"{{ (messages[0].content | trim)[0] }}/s>", "[<]/s>"},
      {"{{ messages[0].content | upper }}x", "[ <S>AB C</S> ]x"},
      {"{{ messages[0].content.replace('Ab', '<x>') | trim }}", "[<s>]<x>[ c</s>]"},
      {"{{ '<x>'.replace('x', messages[0].content[1:4]) }}", "<[<s>]>"},
      {"{{ messages[0].content.split('Ab') | join('|') }}", "[ <s>]|[ c</s> ]"},
      {"{{ messages[0].content.split()[1] }}>", "[c</s>]>"},
      {"{{ messages[0].content | tojson }}", "\"[ <s>Ab c</s> ]\""},
      {"{{ [messages[0].content] }}", "['[ <s>Ab c</s> ]']"},
      {"{{ messages[0] | tojson }}", "{\"role\": \"user\", \"content\": \"[ <s>Ab c</s> ]\"}"},
      {"{{ '<%s>' % messages[0].content }}", "<[ <s>Ab c</s> ]>"},
      {"{{ '<{}>'.format(messages[0].content) }}", "<[ <s>Ab c</s> ]>"},
      {"{{ messages[0].content.partition('Ab')[2] }}", "[ c</s> ]"},
      {"{% set x %}<{{ messages[0].content }}>{% endset %}{{ x | trim }}", "<[ <s>Ab c</s> ]>"},
      {"{% macro m(t) %}<{{ t | trim }}>{% endmacro %}{{ m(messages[0].content) }}", "<[<s>Ab c</s>]>"},
      {"{% filter lower %}<X>{{ messages[0].content }}{% endfilter %}", "<x>[ <s>ab c</s> ]"},
      {"{% for c in messages[0].content[1:4] %}{{ c }}{% endfor %}<s>", "[<s>]<s>"},
      {"{{ messages | map(attribute='content') | map('trim') | join }}", "[<s>Ab c</s>]"},
      {"{{ messages[0].content | length }}{{ messages[0].role }}", "13user"},
      {"{{ messages[0].content | indent }}{{ messages[0].content * 2 }}", "[ <s>Ab c</s>  <s>Ab c</s>  <s>Ab c</s> ]"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(marked(template_of(one.source).render(kHostile, false, kThen)), one.marked) << one.source;
  }
  std::cout << std::size(cases) << " ways of handling a message keep its bytes literal\n";
}

constexpr const char* kPlain =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>\n{% endfor %}{% if add_generation_prompt %}<assistant>"
    "{% endif %}";
constexpr const char* kTrims =
    "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>\n{% endfor %}{% if add_generation_prompt %}"
    "<assistant>{% endif %}";

// transformers' apply_chat_template with continue_final_message.
TEST(ChatPrompt, EndsWithTheBegunAnswer) {
  const struct {
    const char* source;
    const char* begun;
    const char* prompt;
  } cases[] = {
      {kPlain, "It is", "<user>[Q]</>\n<assistant>[It is]"},
      {kTrims, "It is", "<user>[Q]</>\n<assistant>[It is]"},
      {kPlain, "It is \n", "<user>[Q]</>\n<assistant>[It is \n]"},  // kept as the template keeps it
      {kTrims, "It is \n", "<user>[Q]</>\n<assistant>[It is]"},
      {kPlain, " It is", "<user>[Q]</>\n<assistant>[ It is]"},
      {kTrims, " It is", "<user>[Q]</>\n<assistant>[It is]"},
      {kPlain, "Q", "<user>[Q]</>\n<assistant>[Q]"},
      {kPlain, "</>", "<user>[Q]</>\n<assistant>[</>]"},  // not the template's own end of turn
      {kPlain, "", "<user>[Q]</>\n<assistant>"},
      {kTrims, " \n", "<user>[Q]</>\n<assistant>"},
  };
  for (const auto& one : cases) {
    const std::vector<Turn> turns = {{"user", "Q"}, {"assistant", one.begun}};
    EXPECT_EQ(marked(template_of(one.source).prompt(turns, kThen)), one.prompt) << one.begun;
  }
  EXPECT_EQ(marked(template_of(kPlain).prompt(std::vector<Turn>{{"user", "Q"}}, kThen)), "<user>[Q]</>\n<assistant>");
}

TEST(ChatPrompt, ABegunAnswerThatTheTemplateChangesIsRefused) {
  const std::vector<Turn> turns = {{"user", "Q"}, {"assistant", "Abc"}};
  for (const char* source : {"{{ messages[-1].content | upper }}", "{{ messages[0].content }}", "Abc"}) {
    try {
      template_of(source).prompt(turns, kThen);
      ADD_FAILURE() << source;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("cannot be continued"), std::string::npos) << error.what();
    }
  }
}

TEST(ChatTemplate, ThatCannotBeUsedIsToldByTheFirstUse) {
  const ChatTemplate broken("model", "{% if %}", {});
  const ChatTemplate none = ChatTemplate::unusable("model", "there is no default");
  EXPECT_THROW(broken.prompt(a_dialogue(), kThen), Error);
  EXPECT_THROW(none.prompt(a_dialogue(), kThen), Error);
}

TEST(ChatTemplate, BytesThatAreNotUtf8PassThrough) {
  const std::vector<Turn> turns = {{"user", "a\xff\xc3z"}};
  const ChatTemplate chat = template_of("{{ messages[0].content[1:3] }}|{{ messages[0].content | trim }}");
  EXPECT_EQ(text_of(chat.render(turns, false, kThen)), "\xff\xc3|a\xff\xc3z");
}

}  // namespace
}  // namespace assay::engine::chat

#include "tests/scorers/cases.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace assay::scorers::testing {
namespace {

constexpr char kNothing[] = "(nothing)";

class Parser {
 public:
  explicit Parser(const std::string& name) : name_(name) {}

  void take(std::string_view line) {
    ++line_;
    if (in_response_ && line.starts_with('|')) return add_response_line(line.substr(1));
    in_response_ = false;
    if (python_strip(line).empty() || line.starts_with('#')) return;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) refuse("expected KEY: VALUE, | TEXT, # COMMENT or an empty line");
    const std::string_view rest = line.substr(colon + 1);
    take_pair(std::string(line.substr(0, colon)), rest.substr(rest.starts_with(' ') ? 1 : 0));
  }

  CaseFile finish() {
    close_case();
    if (file_.scorer.empty()) refuse("the file has no line scorer: TASK PROTOCOL");
    if (file_.cases.empty()) refuse("the file has no case: NAME");
    return std::move(file_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { fail_input("{}:{}: {}", name_, line_, what); }

  void take_pair(const std::string& key, std::string_view value) {
    if (key == "scorer") {
      file_.scorer = value;
    } else if (key == "case") {
      close_case();
      file_.cases.push_back({std::string(value), line_, "", "", {}});
      has_gold_ = has_response_ = false;
    } else if (file_.cases.empty()) {
      refuse("a case begins with case: NAME");
    } else if (key == "gold") {
      file_.cases.back().gold = value;
      has_gold_ = true;
    } else if (key == "response") {
      in_response_ = true;
    } else {
      expect(key, value);
    }
  }

  void add_response_line(std::string_view line) {
    std::string& response = file_.cases.back().response;
    if (has_response_) response += '\n';
    response += line.substr(line.starts_with(' ') ? 1 : 0);
    has_response_ = true;
  }

  // "EXTRACTION => SCORE"
  void expect(const std::string& filter, std::string_view value) {
    const size_t arrow = value.rfind("=>");
    if (arrow == std::string_view::npos) refuse("expected " + filter + ": EXTRACTION => SCORE");
    const std::string extracted(python_strip(value.substr(0, arrow)));
    const std::string_view score = python_strip(value.substr(arrow + 2));
    if (score != "0" && score != "1") refuse("a score is 0 or 1");
    Expectation expectation;
    if (extracted != kNothing) expectation.extracted = extracted;
    expectation.score = score == "1" ? 1 : 0;
    file_.cases.back().expected[filter] = expectation;
  }

  void close_case() const {
    if (file_.cases.empty()) return;
    const Case& last = file_.cases.back();
    if (!has_gold_ || !has_response_ || last.expected.empty()) {
      fail_input("{}:{}: the case needs a gold, a response of at least one | line and an expectation", name_,
                 last.line);
    }
  }

  std::string name_;
  int line_ = 0;
  bool in_response_ = false;
  bool has_gold_ = false;
  bool has_response_ = false;
  CaseFile file_;
};

}  // namespace

CaseFile parse_cases(const std::string& text, const std::string& name) {
  Parser parser(name);
  for (const std::string_view line : split_lines(text)) parser.take(line);
  return parser.finish();
}

}  // namespace assay::scorers::testing

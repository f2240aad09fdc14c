#include "datasets/csv.h"

#include <utility>

#include "base/error.h"

namespace assay::datasets {
namespace {

// The states of CPython's Modules/_csv.c that the default dialect can reach.
enum class State { kFieldStart, kPlain, kQuoted, kQuoteInQuoted };

class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  std::vector<CsvRow> run() {
    for (size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      const bool crlf = c == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n';
      if (state_ == State::kQuoted) {
        quoted(c);
      } else if (c == '\n' || c == '\r') {
        end_row();
        i += crlf;
      } else {
        unquoted(c);
      }
      if (c == '\n' || (c == '\r' && !crlf) || (crlf && state_ != State::kQuoted)) ++line_;
    }
    if (state_ == State::kQuoted) {
      fail_input("{}:{}: a quoted field begins here and is never closed; the file is cut short or a quote is missing",
                 file_, quote_line_);
    }
    end_row();
    return std::move(rows_);
  }

 private:
  void quoted(char c) {
    if (c == '"') {
      state_ = State::kQuoteInQuoted;
    } else {
      cell_ += c;
    }
  }

  void unquoted(char c) {
    if (!row_begun_) {
      row_begun_ = true;
      row_.line = line_;
    }
    if (c == ',') {
      end_cell();
    } else if (c == '"' && state_ == State::kFieldStart) {
      state_ = State::kQuoted;
      quote_line_ = line_;
    } else if (c == '"' && state_ == State::kQuoteInQuoted) {
      cell_ += c;
      state_ = State::kQuoted;
    } else {
      cell_ += c;
      state_ = State::kPlain;
    }
  }

  void end_cell() {
    row_.cells.push_back(std::exchange(cell_, {}));
    state_ = State::kFieldStart;
  }

  void end_row() {
    if (!row_begun_) return;
    end_cell();
    rows_.push_back(std::exchange(row_, {}));
    row_begun_ = false;
  }

  std::string_view text_;
  const std::string& file_;
  State state_ = State::kFieldStart;
  int line_ = 1;
  int quote_line_ = 0;
  bool row_begun_ = false;
  std::string cell_;
  CsvRow row_;
  std::vector<CsvRow> rows_;
};

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& file) {
  return Parser(text, file).run();
}

}  // namespace assay::datasets

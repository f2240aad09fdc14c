// How the rows of a data file become samples. The files of the authors differ only in where a field lies, so a format
// is data: a task's TOML file names the places, and a new benchmark needs no reader of its own.
//
// A place is, in a CSV file, the number of a column from 0 (or its name, where the first row names them); in a JSON
// Lines file, a field, with dots into objects ("question.stem"). A dot behind an array reaches into each element
// ("question.choices.text": a list). A place that ends in "?" may be missing or null: the field is then empty.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/sample.h"

namespace assay::datasets {

enum class Layout {
  kCsv,              // datasets/csv.h
  kJsonl,            // JSON Lines: one object a line; blank lines are left out
  kAgievalExamples,  // AGIEval's few_shot_prompts.csv: a column a subset, examples as Python literals in "sample N"
                     // rows
};

// How the correct option is written.
enum class CorrectForm {
  kLetter,  // A is the first option
  kIndex,   // 0 is the first option
  kLabel,   // equal to one of the item's labels
  kText,    // equal to the text of one of the options
};

struct Format {
  bool header = false;                                      // CSV: the first row names the columns
  int columns = 0;                                          // CSV: of every row; 0: as many as the first row has
  std::vector<std::pair<std::string, std::string>> fields;  // name and place
  std::vector<std::string> options;                         // places, or one place that holds a list
  std::string labels;                                       // place of the list of labels, for kLabel
  std::string correct;                                      // place of the correct option; empty: items have none
  CorrectForm correct_form = CorrectForm::kLetter;
  std::string id;          // pattern over {subset}, {index} and fields, e.g. "{subset}/test/{index}"
  std::string cluster_by;  // "subset", the name of a field (items of a subset with equal, not empty text), or empty
};

// One file of samples; `lines[i]` is the line of the file on which samples[i] begins.
struct Split {
  std::string file;
  std::string sha256;  // of the text, unpacked where the file is packed
  std::vector<Sample> samples;
  std::vector<int> lines;
};

// Reads a file, through gzip where its name ends in .gz. Errors: kIo where it cannot be read; kBadInput with file and
// line for invalid UTF-8, malformed rows, missing fields and correct options that do not exist.
Split read_split(const std::filesystem::path& path, Layout layout, const Format& format, const std::string& subset);

// The same from the file's text, unpacked; `file` is for messages.
Split parse_split(std::string_view content, const std::string& file, Layout layout, const Format& format,
                  const std::string& subset);

// "{subset}/test/{index}" with the values of a sample; an unknown name stays as it is.
std::string expand_pattern(const std::string& pattern, const Sample& sample);

}  // namespace assay::datasets

// One item of a data set: the other narrow door between the rooms (docs/architecture.md). A plain value.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace assay::datasets {

struct Sample {
  std::string id;       // INTERFACE.md, "Sample ids"
  std::string subset;   // MMLU subject, AGIEval file name; empty where the benchmark has one part
  int index = 0;        // row in the author's file, from 0
  std::string cluster;  // samples whose errors are correlated share it (PROTOCOLS.md §1.5); empty: its own cluster
  std::map<std::string, std::string> fields;  // text as the author wrote it: question, passage, answer, prompt, ...
  std::vector<std::string> options;           // of a multiple-choice item, in file order
  int answer = -1;                            // index of the right option; -1 where the item has none
};

// What counts as right, as one protocol reads it.
struct Gold {
  std::vector<int> choices;  // likelihood: indices of the right continuations
  std::string text;          // generation: the reference text before any normalisation
};

}  // namespace assay::datasets

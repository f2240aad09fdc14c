// Rows in the order of the experts that they chose (Routing of engine/device/device.h), for devices that count on the
// host.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "engine/device/device.h"

namespace assay::engine {

struct ExpertPlaces {
  std::vector<int32_t> row_of_place;
  std::vector<int32_t> place_of_choice;  // (rows, choices)
  std::vector<int> first_place;          // of each expert
  std::vector<RowCount> counts;          // likewise
};

// `chosen`: (rows, choices) experts, no row twice the same. Error(kInternal) for an expert that does not exist.
inline ExpertPlaces order_places(std::span<const int32_t> chosen, RowCount rows, int experts) {
  ExpertPlaces places;
  places.first_place.resize(static_cast<size_t>(experts));
  places.counts.resize(static_cast<size_t>(experts));
  places.row_of_place.resize(chosen.size());
  places.place_of_choice.resize(chosen.size());
  if (chosen.empty()) return places;
  const size_t choices = chosen.size() / static_cast<size_t>(rows.total());
  const size_t generated = static_cast<size_t>(rows.generated) * choices;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] < 0 || chosen[i] >= experts) {
      fail(ExitCode::kInternal, "row {} of a step chose expert {} of {}", i / choices, chosen[i], experts);
    }
    RowCount& count = places.counts[static_cast<size_t>(chosen[i])];
    ++(i < generated ? count.generated : count.prompt);
  }
  int next = 0;
  for (size_t expert = 0; expert < places.counts.size(); ++expert) {
    places.first_place[expert] = next;
    next += places.counts[expert].total();
  }
  // Rows come in order, those of generated tokens first: so do the places of each expert.
  std::vector<int> next_place = places.first_place;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const int place = next_place[static_cast<size_t>(chosen[i])]++;
    places.place_of_choice[i] = place;
    places.row_of_place[static_cast<size_t>(place)] = static_cast<int32_t>(i / choices);
  }
  return places;
}

}  // namespace assay::engine

// Every seeded fault is found by the builds that the table says find it, and by no other: a table that lists faults
// nobody finds is worth as much as one of those that somebody does.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "tests/emulation/schedule.h"
#include "tests/emulation/seeded_faults.h"
#include "tests/emulation/watch.h"
#include "tests/support/sanitizers.h"

namespace assay::testing {
namespace {

struct Symptom {
  Found found = Found::kNot;
  std::optional<emulation::Rule> rule;
  std::string message;
};

Symptom symptom_of(const SeededFault& fault) {
  try {
    return {fault.right() ? Found::kNot : Found::kByValues, {}, ""};
  } catch (const emulation::Fault& found) {
    return {Found::kByRule, found.rule(), found.what()};
  }
}

std::vector<SeededFault> seeded_faults() {
  std::vector<SeededFault> all = faults_of_order();
  for (const auto& more : {faults_of_warps(), faults_of_memory()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

const char* name_of(Found found) {
  const char* const names[] = {"not found", "wrong values", "rule", "sanitizer"};
  return names[static_cast<size_t>(found)];
}

void expect_found(const SeededFault& fault, Found expected) {
  if (expected == Found::kSanitizer) {
    EXPECT_DEATH(fault.right(), "AddressSanitizer|runtime error") << fault.name;
    return;
  }
  const Symptom symptom = symptom_of(fault);
  EXPECT_EQ(name_of(symptom.found), name_of(expected)) << fault.name << ": " << symptom.message;
  if (symptom.rule.has_value()) {
    EXPECT_EQ(*symptom.rule, fault.rule) << fault.name << ": " << symptom.message;
    EXPECT_NE(symptom.message.find("thread ("), std::string::npos) << symptom.message;
  }
}

Found expected_here(const SeededFault& fault) {
  if (emulation::accesses_are_watched()) return fault.checked;
  return kSanitizers ? fault.sanitized : fault.by_number;
}

TEST(SeededFaults, ThisBuildFindsWhatTheTableSays) {
  std::map<std::string, int> counts;
  for (const SeededFault& fault : seeded_faults()) {
    emulation::set_schedule({});
    expect_found(fault, expected_here(fault));
    ++counts[name_of(expected_here(fault))];
  }
  for (const auto& [found, count] : counts) std::cout << count << " faults: " << found << "\n";
}

TEST(SeededFaults, SomeRandomOrderFindsWhatTheTableSays) {
  int found_by_order = 0;
  for (const SeededFault& fault : seeded_faults()) {
    const Found expected = emulation::accesses_are_watched() ? fault.checked : fault.random;
    if (kSanitizers && fault.sanitized == Found::kSanitizer) continue;
    std::map<Found, int> seen;
    for (uint64_t seed = 1; seed <= 8; ++seed) {
      emulation::set_schedule({.seed = seed, .accesses_per_switch = 4});
      ++seen[symptom_of(fault).found];
    }
    EXPECT_GT(seen[expected], 0) << fault.name << ": never " << name_of(expected) << " in 8 random orders";
    if (expected == Found::kByRule || expected == Found::kNot) {
      EXPECT_EQ(seen[expected], 8) << fault.name << ": not always " << name_of(expected);
    }
    if (fault.by_number == Found::kNot && expected != Found::kNot) ++found_by_order;
  }
  std::cout << found_by_order << " faults that an order by number hides\n";
}

TEST(SeededFaults, TheThreeBuildsTogetherMissNone) {
  const std::vector<SeededFault> faults = seeded_faults();
  int missed_by_one_build = 0;
  for (const SeededFault& fault : faults) {
    const bool plain = fault.by_number != Found::kNot || fault.random != Found::kNot;
    EXPECT_TRUE(plain || fault.sanitized != Found::kNot || fault.checked != Found::kNot) << fault.name;
    missed_by_one_build += plain ? 0 : 1;
  }
  std::cout << faults.size() << " faults, " << missed_by_one_build << " of them not found by values and rules alone\n";
  EXPECT_GE(faults.size(), 24u);
}

// A launch that failed leaves nothing behind.
TEST(SeededFaults, TheNextLaunchIsAsGoodAsTheFirst) {
  emulation::set_schedule({});
  for (const SeededFault& fault : seeded_faults()) {
    if (expected_here(fault) == Found::kSanitizer) continue;
    const Symptom first = symptom_of(fault);
    const Symptom second = symptom_of(fault);
    EXPECT_EQ(first.found, second.found) << fault.name;
    EXPECT_EQ(first.rule, second.rule) << fault.name;
  }
}

}  // namespace
}  // namespace assay::testing

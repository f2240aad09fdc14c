// check_hashes: what was changed since the hashes were taken.
#include <algorithm>
#include <map>

#include "base/error.h"
#include "harness/certificate_check.h"

namespace assay::harness {
namespace {

// "manifest.asked.shots", or the metric by its name.
std::string shown_name(const Certificate& certificate, const std::string& name) {
  const std::string prefix = "metrics.";
  if (!name.starts_with(prefix)) return name;
  const size_t place = std::stoul(name.substr(prefix.size()));
  return place < certificate.metrics.size() ? metric_name(certificate.metrics[place]) : name;
}

void check_fields(const Certificate& certificate, CertificateCheck& check) {
  const std::vector<Certificate::Leaf> leaves = field_leaves(certificate);
  std::map<std::string, std::string> listed;
  for (const Certificate::Leaf& leaf : certificate.fields) listed[leaf.name] = leaf.hash;
  const size_t before = check.mismatches.size();
  for (const Certificate::Leaf& leaf : leaves) {
    const auto found = listed.find(leaf.name);
    const std::string name = shown_name(certificate, leaf.name);
    if (found == listed.end()) {
      check.mismatches.push_back(name + ": has no hash in the certificate, so it was added");
      continue;
    }
    if (found->second != leaf.hash) check.mismatches.push_back(name + ": its value was changed");
    listed.erase(found);
  }
  for (const auto& [name, hash] : listed) check.mismatches.push_back(name + ": is missing");
  const auto same_name = [](const Certificate::Leaf& a, const Certificate::Leaf& b) { return a.name == b.name; };
  if (check.mismatches.size() == before &&
      !std::equal(leaves.begin(), leaves.end(), certificate.fields.begin(), certificate.fields.end(), same_name)) {
    check.mismatches.push_back("the fields of the certificate stand in another order than their hashes");
  }
}

// What looks changed in a line that is not the certified one, as far as the line itself betrays it.
std::string what_changed(std::string_view text, const std::string& where, const std::optional<TaskScoring>& scoring) {
  SampleLine line;
  try {
    line = parse_sample_line(text, where);
  } catch (const Error& problem) {
    return problem.what();
  }
  const std::string name = fmt::format("sample {} ({})", line.name(), where);
  if (line.salt.size() != 32 || line.salt.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return name + ": was changed; its salt is no salt of ours";
  }
  const std::optional<std::string> difference = scoring ? score_difference(line, scoring->scorer) : std::nullopt;
  if (!difference) return name + ": was changed; which of its keys cannot be told";
  if (difference->empty()) {
    return name +
           ": was changed, but its scores follow from its response: the salt, another key, or a part of the "
           "response that moves no score";
  }
  return name + ": was changed; " + *difference;
}

// Which hash of the list a line has.
class Places {
 public:
  explicit Places(const std::vector<std::string>& hashes) : taken_(hashes.size(), false) {
    for (size_t i = 0; i < hashes.size(); ++i) places_[hashes[i]].push_back(i);
  }
  bool known(const std::string& hash) const { return places_.contains(hash); }
  // The first place with this hash that no line has taken; nothing where all are.
  std::optional<size_t> take(const std::string& hash) {
    for (size_t place : places_.at(hash)) {
      if (take_place(place)) return place;
    }
    return std::nullopt;
  }
  bool take_place(size_t place) {
    if (place >= taken_.size() || taken_[place]) return false;
    taken_[place] = true;
    return true;
  }
  const std::vector<bool>& taken() const { return taken_; }

 private:
  std::map<std::string, std::vector<size_t>> places_;
  std::vector<bool> taken_;
};

std::string where_is(size_t line) {
  return fmt::format("line {}", line + 1);
}

std::string name_or_line(std::string_view text, const std::string& where) {
  try {
    return fmt::format("sample {} ({})", parse_sample_line(text, where).name(), where);
  } catch (const Error&) {
    return where;
  }
}

void check_lines(const std::vector<std::string>& hashes, const std::vector<std::string_view>& lines,
                 const std::optional<TaskScoring>& scoring, CertificateCheck& check) {
  Places places(hashes);
  std::vector<std::optional<size_t>> place_of(lines.size());  // of lines with a hash of the list
  std::vector<size_t> unknown;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string hash = sample_leaf(lines[i]);
    if (!places.known(hash)) {
      unknown.push_back(i);
    } else if (!(place_of[i] = places.take(hash))) {
      check.mismatches.push_back(name_or_line(lines[i], where_is(i)) + ": stands there more than once");
    }
  }
  for (size_t i : unknown) {
    // Its place is behind that of the line before it.
    const size_t place = i == 0 || !place_of[i - 1] ? i : *place_of[i - 1] + 1;
    if (places.take_place(place)) {
      place_of[i] = place;
      check.mismatches.push_back(what_changed(lines[i], where_is(i), scoring));
    } else {
      check.mismatches.push_back(name_or_line(lines[i], where_is(i)) + ": is not in the certificate");
    }
  }
  for (size_t place = 0; place < hashes.size(); ++place) {
    if (!places.taken()[place]) {
      check.mismatches.push_back(fmt::format("sample {} of {} is missing from the samples", place + 1, hashes.size()));
    }
  }
  std::optional<size_t> last;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!place_of[i]) continue;
    if (last && *place_of[i] < *last) {
      check.mismatches.push_back(name_or_line(lines[i], where_is(i)) +
                                 ": stands in another order than in the certificate");
      return;
    }
    last = place_of[i];
  }
}

}  // namespace

void check_hashes(const Certificate& certificate, const std::vector<std::string_view>& lines,
                  const std::optional<TaskScoring>& scoring, CertificateCheck& check) {
  check_fields(certificate, check);
  check_lines(certificate.samples, lines, scoring, check);
  if (listed_root(certificate) != certificate.root) {
    check.mismatches.push_back("root: the hashes that the certificate lists do not give its root");
  }
  check.checked.push_back(fmt::format(
      "the hashes of {} fields of manifest and certificate, {} metrics and {} samples, and the root of them",
      certificate.fields.size() - certificate.metrics.size(), certificate.metrics.size(), lines.size()));
}

}  // namespace assay::harness

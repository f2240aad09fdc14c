#include "tests/harness/certified.h"

namespace assay::testing {

void Forgery::edit_line(size_t i, const std::function<void(nlohmann::ordered_json&)>& change) {
  auto json = nlohmann::ordered_json::parse(lines.at(i));
  change(json);
  lines[i] = json.dump();
}

void Forgery::certify_anew() {
  certificate.n = std::ssize(lines);
  certificate.fields = harness::field_leaves(certificate);
  certificate.samples.clear();
  for (const std::string& line : lines) certificate.samples.push_back(harness::sample_leaf(line));
  certificate.root = harness::listed_root(certificate);
}

Certified::Certified(const std::filesystem::path& shared_model) : run_(shared_model) {
  for (const std::string task : {"words", "stories"}) {
    const Outcome outcome = run_.certify("night/" + task, certificate(task));
    EXPECT_EQ(outcome.exit, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "root " + read(task).certificate.root + "\n");
  }
}

Forgery Certified::read(const std::string& task) const {
  Forgery forgery{harness::read_certificate(certificate(task)), {}};
  const std::string text = read_file(certificate(task).string() + ".samples.jsonl");
  for (std::string_view line : split_lines(text)) forgery.lines.emplace_back(line);
  return forgery;
}

Outcome Certified::verify(const Forgery& forgery, std::vector<std::string> more) const {
  const auto path = run_ / "forged.json";
  std::string text;
  for (const std::string& line : forgery.lines) text += line + "\n";
  write_file_atomically(path, harness::certificate_text(forgery.certificate));
  write_file_atomically(path.string() + ".samples.jsonl", text);
  return run_.verify(path, std::move(more));
}

}  // namespace assay::testing

#include "reports/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/crypto/cipher.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::reports {
namespace {

// In this order each finds what it imports above itself.
constexpr std::string_view kModules[] = {
    "dom.js",    "data.js",  "charts.js",  "overview.js",    "calibration.js", "task.js", "sample.js",
    "versus.js", "trend.js", "samples.js", "preferences.js", "provenance.js",  "page.js"};

std::string_view page_file(std::string_view name) {
  const std::span<const EmbeddedFile> files = report_page_files();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& file) { return file.name == name; });
  return found == files.end() ? std::string_view() : found->text;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

}  // namespace

std::string json_for_script(const store::Json& data) {
  return replace_all(data.dump(-1, ' ', false, store::Json::error_handler_t::replace), "<", "\\u003c");
}

std::string policy_hash(std::string_view text) {
  return fmt::format("'sha256-{}'", to_base64(bytes_of_hex(sha256_hex(text))));
}

std::string page_program() {
  std::string program;
  for (const std::string_view name : kModules) {
    for (const std::string& line : split(page_file(name), '\n')) {
      constexpr std::string_view kExport = "export ";
      if (line.starts_with("import ")) continue;
      program += line.starts_with(kExport) ? line.substr(kExport.size()) : line;
      program += '\n';
    }
  }
  return program;
}

std::string report_page(const store::Json& data) {
  const std::string program = page_program();
  const std::string_view library = page_file("chart.min.js");
  const std::string_view style = page_file("page.css");
  const std::string policy = fmt::format(
      "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
      policy_hash(library), policy_hash(program), policy_hash(style));
  const std::pair<std::string_view, std::string> parts[] = {{"@policy@", policy},
                                                            {"@style@", std::string(style)},
                                                            {"@data@", json_for_script(data)},
                                                            {"@library@", std::string(library)},
                                                            {"@program@", program}};
  // Each place is looked for behind the part before, so that nothing in a part is taken for a place.
  std::string page;
  std::string_view rest = page_file("page.html");
  for (const auto& [place, text] : parts) {
    const size_t at = rest.find(place);
    page.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + place.size());
  }
  return page.append(rest);
}

}  // namespace assay::reports

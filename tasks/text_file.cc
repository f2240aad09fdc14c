#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "tasks/task.h"

namespace assay::tasks {

RenderedTask render_text_file(const std::filesystem::path& path, int stride) {
  if (stride < 0) fail(ExitCode::kUsage, "a stride of {} tokens: must not be negative", stride);
  std::string text = read_text_file(path);
  if (text.empty()) fail_input("{}: the file is empty", path.string());
  if (!is_valid_utf8(text)) fail_input("{}: the file is not valid UTF-8; convert it first", path.string());
  RenderedTask rendered;
  rendered.task = "text:" + path.filename().string();
  rendered.version = "1";
  rendered.protocol = "lm_eval";
  rendered.definition_sha256 = sha256_hex(fmt::format("text 1 stride {}", stride));
  rendered.data_sha256 = sha256_hex(text);
  rendered.scorer = {{"kind", "perplexity"}};
  rendered.average = {{"headline", "micro"}, {"group_stderr", "samples"}};
  Item item;
  item.sample.id = path.filename().string();
  item.request = engine::TextRequest{std::move(text), stride};
  rendered.items.push_back(std::move(item));
  return rendered;
}

}  // namespace assay::tasks

// A checkpoint's chat template: how a dialogue is written for the model. The language is the part of Jinja that such
// templates use, set up as Hugging Face's library sets it up (trim_blocks, lstrip_blocks, break and continue,
// {% generation %}, tojson without HTML escapes, raise_exception, strftime_now); its names: messages,
// add_generation_prompt, the special tokens (bos_token, eos_token ...), tools and documents, which are none.
//
//   const ChatTemplate chat("SmolLM2", source, {{"bos_token", "<|im_start|>"}});
//   request.pieces = chat.prompt({{"user", "What is the capital of France?"}}, time);
//
// What a message holds stays literal in the result: it is never parsed for special tokens, whatever the template does
// with it. No template runs for ever or grows without bound (Limits, engine/chat/runtime.h).
#pragma once

#include <ctime>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/request.h"

namespace assay::engine::chat {

// Immutable and thread-safe; copies share one tree.
class ChatTemplate {
 public:
  // `model` opens every message. A source that is no template, or uses what is not supported, is found now and told by
  // the first use, since a model can be asked without its template. `tokens`: special tokens by name, written form.
  ChatTemplate(std::string model, std::string_view source, std::map<std::string, std::string> tokens);
  // One that cannot be used at all, and why.
  static ChatTemplate unusable(std::string model, std::string reason);

  // The prompt for the answer to a dialogue. A last turn of the assistant is begun and to be continued: the prompt ends
  // with its content, with the white space that the template leaves of it (transformers, continue_final_message).
  // `now` is what strftime_now tells, in UTC. Error(kBadInput) with the template's own words where it refuses the
  // dialogue, with its line where something in it fails.
  std::vector<PromptPiece> prompt(std::span<const Turn> turns, std::time_t now) const;

  // The dialogue as the template writes it.
  std::vector<PromptPiece> render(std::span<const Turn> turns, bool add_generation_prompt, std::time_t now) const;

  // SHA-256 of the source.
  const std::string& sha256() const;

 private:
  struct Impl;
  explicit ChatTemplate(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace assay::engine::chat

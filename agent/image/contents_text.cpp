// SPDX-License-Identifier: Apache-2.0
#include "agent/image/contents_text.hpp"

#include <charconv>

#include "agent/image/confined.hpp"
#include "agent/image/digest.hpp"
#include "agent/image/workspace.hpp"

namespace podsd::image {
namespace {

void put(std::string& to, const std::string& text) {
  to += std::to_string(text.size()) + ":" + text;
}

void put_list(std::string& to, const std::vector<std::string>& list) {
  put(to, std::to_string(list.size()));
  for (const std::string& text : list) put(to, text);
}

/// Absent or there.
void put_optional(std::string& to, const std::optional<std::string>& text) {
  put_list(to, text ? std::vector<std::string>{*text} : std::vector<std::string>());
}

std::unexpected<Error> bad() {
  return fail("bad answer of the process that reads the image's documents");
}

/// Takes the texts apart. After the first that does not fit all others are empty, and `whole` is false.
class Texts {
 public:
  explicit Texts(std::string_view rest) : rest_(rest) {}

  std::string text() {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    const auto digits = static_cast<std::size_t>(end - rest_.data());
    if (error != std::errc() || digits >= rest_.size() || rest_[digits] != ':' ||
        size > rest_.size() - digits - 1)
      return refuse();
    std::string text(rest_.substr(digits + 1, size));
    rest_.remove_prefix(digits + 1 + size);
    return text;
  }

  std::uint64_t number(std::uint64_t most) {
    const std::string digits = text();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc() && end == digits.data() + digits.size() && value <= most) return value;
    refuse();
    return 0;
  }

  /// What a process can have as an argument.
  std::string word() {
    std::string word = text();
    return word.find('\0') == std::string::npos ? word : refuse();
  }

  std::vector<std::string> words() {
    std::vector<std::string> words;
    for (std::uint64_t left = number(max_document_bytes); left > 0 && whole_; --left) words.push_back(word());
    return words;
  }

  std::optional<std::string> optional() {
    auto found = words();
    if (found.size() > 1) refuse();
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }

  std::string hex() {
    std::string digits = text();
    return is_sha256_hex(digits) ? digits : refuse();
  }

  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] bool done() const { return whole_ && rest_.empty(); }

 private:
  std::string refuse() {
    whole_ = false;
    rest_ = {};
    return {};
  }

  std::string_view rest_;
  bool whole_ = true;
};

void put_config(std::string& to, const ImageConfig& config) {
  for (const auto* list : {&config.entrypoint, &config.cmd, &config.env}) put_list(to, *list);
  for (const auto* text : {&config.user, &config.working_dir, &config.stop_signal}) put(to, *text);
}

void take_config(Texts& texts, ImageConfig& config) {
  for (auto* list : {&config.entrypoint, &config.cmd, &config.env}) *list = texts.words();
  for (auto* text : {&config.user, &config.working_dir, &config.stop_signal}) *text = texts.word();
}

/// The chain id is the reader's business.
void put_layer(std::string& to, const LayerBlob& layer) {
  put(to, layer.member);
  put(to, layer.blob.subject);
  put_optional(to, layer.blob.size ? std::optional(std::to_string(*layer.blob.size)) : std::nullopt);
  put_optional(to, layer.blob.hex);
  put(to, layer.compressed ? "1" : "0");
  put(to, layer.media_type);
  put(to, layer.diff_id);
}

LayerBlob take_layer(Texts& texts) {
  LayerBlob layer{};
  layer.member = texts.text();
  layer.blob.subject = texts.text();
  if (texts.number(1) == 1) layer.blob.size = texts.number(UINT64_MAX);
  if (texts.number(1) == 1) layer.blob.hex = texts.hex();
  layer.compressed = texts.number(1) == 1;
  layer.media_type = texts.text();
  layer.diff_id = texts.hex();
  return layer;
}

/// A docker archive has no manifest, and the configuration's digest is its own.
bool digests_are_right(const Contents& contents) {
  if (contents.id != "sha256:" + sha256_hex(contents.document.text)) return false;
  if (contents.manifest.text.empty()) return contents.digest == contents.id;
  return contents.digest == "sha256:" + sha256_hex(contents.manifest.text);
}

}  // namespace

std::string contents_text(const Contents& contents) {
  std::string text;
  put(text, contents.digest);
  put(text, contents.id);
  for (const Document* document : {&contents.manifest, &contents.document}) {
    put(text, document->media_type);
    put(text, document->text);
  }
  put_config(text, contents.config);
  put_optional(text, contents.name);
  put(text, std::to_string(contents.layers.size()));
  for (const LayerBlob& layer : contents.layers) put_layer(text, layer);
  return text;
}

Result<Contents> parse_contents(const std::string& text) {
  Texts texts(text);
  Contents contents;
  contents.digest = texts.text();
  contents.id = texts.text();
  for (Document* document : {&contents.manifest, &contents.document}) {
    document->media_type = texts.text();
    document->text = texts.text();
  }
  take_config(texts, contents.config);
  contents.name = texts.optional();
  for (std::uint64_t left = texts.number(max_layers); left > 0 && texts.whole(); --left)
    contents.layers.push_back(take_layer(texts));
  if (!texts.done() || contents.layers.empty() || !digests_are_right(contents)) return bad();
  number_chain(contents.layers);
  return contents;
}

Result<Contents> read_confined(const Folders& folders, const Budget& budget,
                               const std::function<Result<Contents>()>& read) {
  auto workspace = Workspace::make(folders, "");
  if (!workspace) return std::unexpected(workspace.error());
  auto told = confined(workspace->fd(), budget.time, [&](int) -> Result<std::string> {
    auto contents = read();
    if (!contents) return std::unexpected(contents.error());
    return contents_text(*contents);
  });
  if (!told) return std::unexpected(told.error());
  return parse_contents(*told);
}

}  // namespace podsd::image

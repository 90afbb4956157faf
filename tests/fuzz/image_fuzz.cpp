// SPDX-License-Identifier: Apache-2.0
// Manifests, indexes and configurations. The input is a series of documents with lines "@@" between them; the
// first is index.json or manifest.json, the others are blobs. "@N@" stands for the digest of document N,
// "#N#" for its size, so that the reader gets past the checks of those.
#include <cstdio>
#include <cstdlib>

#include "agent/image/manifest.hpp"
#include "tests/agent/image/memory_reader.hpp"

namespace {

using namespace podsd;

std::vector<std::string> documents_of(std::string_view text) {
  constexpr std::string_view border = "\n@@\n";
  std::vector<std::string> documents;
  while (documents.size() < 9) {
    const std::size_t end = std::min(text.find(border), text.size());
    documents.emplace_back(text.substr(0, end));
    if (end == text.size()) break;
    text.remove_prefix(end + border.size());
  }
  return documents;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

/// Later documents first: those before them name them.
void resolve(std::vector<std::string>& documents) {
  for (std::size_t i = documents.size(); i-- > 1;)
    for (std::size_t user = 0; user < i; ++user) {
      const std::string number = std::to_string(i);
      replace(documents[user], "@" + number + "@", image::sha256_hex(documents[i]));
      replace(documents[user], "#" + number + "#", std::to_string(documents[i].size()));
    }
}

class Documents : public image::Source {
 public:
  explicit Documents(const std::vector<std::string>& documents) : documents_(documents) {}

  Result<std::unique_ptr<image::Reader>> open(const std::string& member) const override {
    const std::string* found =
        member == "index.json" || member == "manifest.json" ? &documents_.front() : nullptr;
    for (const std::string& document : documents_)
      if (member.find(image::sha256_hex(document)) != std::string::npos) found = &document;
    if (found == nullptr) return fail("not there", member, ENOENT);
    return std::make_unique<test::MemoryReader>(*found);
  }

 private:
  const std::vector<std::string>& documents_;
};

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

bool is_digest(const std::string& text) {
  return image::digest_hex(text).has_value();
}

/// What the rest of the store relies on.
void check_contents(const image::Contents& contents) {
  check(is_digest(contents.digest) && is_digest(contents.id), "an image without digests");
  check(!contents.layers.empty() && contents.layers.size() <= image::max_layers, "a wrong number of layers");
  for (const image::LayerBlob& layer : contents.layers) {
    check(image::is_sha256_hex(layer.diff_id) && image::is_sha256_hex(layer.chain_id), "a layer without ids");
    check(!layer.blob.hex || image::is_sha256_hex(*layer.blob.hex), "a blob's name that is no digest");
  }
  for (const auto* list : {&contents.config.env, &contents.config.cmd, &contents.config.entrypoint})
    for (const std::string& text : *list)
      check(text.find('\0') == std::string::npos, "a NUL in the configuration");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  auto documents = documents_of({reinterpret_cast<const char*>(data), size});
  resolve(documents);
  const Documents source(documents);
  for (const auto& contents :
       {image::read_oci_layout(source, std::nullopt), image::read_oci_layout(source, "1"),
        image::read_plain_directory(source), image::read_docker_archive(source, std::nullopt)})
    if (contents) check_contents(*contents);
  (void)image::check_chosen(documents.front(), "sha256:" + image::sha256_hex(documents.back()));
  (void)image::transfer_size(documents.front());
  if (const auto chosen = image::chosen_manifest(documents.front()))
    check(is_digest(*chosen), "a choice that is no digest");
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <sys/utsname.h>

#include <array>
#include <map>
#include <utility>

#include "agent/image/json.hpp"
#include "agent/image/manifest.hpp"

namespace podsd::image {
namespace {

Result<void> check_platform(const Json& document) {
  const auto os = string_member(document, "os");
  const auto architecture = string_member(document, "architecture");
  if (!os || !architecture) return fail("bad image configuration", "os, architecture");
  const std::string node = node_architecture();
  const bool fits = (os->empty() || *os == "linux") && (architecture->empty() || *architecture == node);
  if (!fits) return fail("image is for another platform than linux/" + node, *os + "/" + *architecture);
  return {};
}

Result<void> read_strings(const Json& object, const char* key, std::vector<std::string>& to) {
  auto list = strings_member(object, key);
  if (!list) return fail("bad image configuration", "config", list.error());
  to = std::move(*list);
  return {};
}

Result<void> read_string(const Json& object, const char* key, std::string& to) {
  auto text = string_member(object, key);
  if (!text) return fail("bad image configuration", "config", text.error());
  to = std::move(*text);
  return {};
}

Result<void> read_diff_ids(const Json& document, Contents& contents) {
  const auto ids = strings_member(member(document, "rootfs"), "diff_ids");
  if (!ids) return fail("bad image configuration", "rootfs", ids.error());
  if (ids->size() != contents.layers.size())
    return fail("image has " + std::to_string(contents.layers.size()) +
                " layers, but its configuration names " + std::to_string(ids->size()));
  for (std::size_t i = 0; i < ids->size(); ++i) {
    auto hex = digest_hex((*ids)[i]);
    if (!hex) return fail("bad image configuration", "diff_ids", hex.error());
    contents.layers[i].diff_id = std::move(*hex);
  }
  number_chain(contents.layers);
  return {};
}

}  // namespace

void number_chain(std::vector<LayerBlob>& layers) {
  const LayerBlob* below = nullptr;
  for (LayerBlob& layer : layers) {
    layer.chain_id = below == nullptr ? layer.diff_id
                                      : sha256_hex("sha256:" + below->chain_id + " sha256:" + layer.diff_id);
    below = &layer;
  }
}

std::string node_architecture() {
  static const std::map<std::string, std::string> names{
      {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"armv7l", "arm"},          {"armv6l", "arm"},
      {"i686", "386"},     {"i386", "386"},      {"loongarch64", "loong64"},
  };
  struct utsname node {};
  ::uname(&node);
  const auto found = names.find(node.machine);
  return found == names.end() ? node.machine : found->second;
}

Result<void> read_config(const std::string& text, Contents& contents) {
  auto document = parse_json(text, "image configuration");
  if (!document) return std::unexpected(document.error());
  const Json& config = member(*document, "config");
  ImageConfig& to = contents.config;
  const std::array<std::pair<const char*, std::vector<std::string>*>, 3> lists{
      {{"Entrypoint", &to.entrypoint}, {"Cmd", &to.cmd}, {"Env", &to.env}}};
  const std::array<std::pair<const char*, std::string*>, 3> texts{
      {{"User", &to.user}, {"WorkingDir", &to.working_dir}, {"StopSignal", &to.stop_signal}}};
  if (auto fits = check_platform(*document); !fits) return fits;
  for (const auto& [key, list] : lists)
    if (auto read = read_strings(config, key, *list); !read) return read;
  for (const auto& [key, line] : texts)
    if (auto read = read_string(config, key, *line); !read) return read;
  return read_diff_ids(*document, contents);
}

}  // namespace podsd::image

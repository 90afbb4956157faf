// SPDX-License-Identifier: Apache-2.0
#include "agent/image/record.hpp"

#include <algorithm>

#include "agent/image/digest.hpp"
#include "agent/image/files.hpp"
#include "agent/image/json.hpp"
#include "agent/image/reference.hpp"

namespace podsd::image {
namespace {

constexpr std::size_t max_info_bytes = 4096;

Result<void> read_layers(const Json& list, const std::filesystem::path& root, Record& record) {
  if (!list.is_array() || list.empty()) return fail("no layers");
  for (const Json& item : list) {
    auto key = string_member(item, "key");
    auto link = string_member(item, "link");
    if (!key || !link || !is_sha256_hex(*key) || link->empty() || !key->starts_with(*link))
      return fail("bad layer");
    record.image.layers.push_back(root / "l" / *link);
    record.layers.push_back({std::move(*key), std::move(*link)});
  }
  return {};
}

Result<void> read_config(const Json& object, ImageConfig& config) {
  auto entrypoint = strings_member(object, "entrypoint");
  auto cmd = strings_member(object, "cmd");
  auto env = strings_member(object, "env");
  auto user = string_member(object, "user");
  auto working_dir = string_member(object, "working_dir");
  auto stop_signal = string_member(object, "stop_signal");
  if (!entrypoint || !cmd || !env || !user || !working_dir || !stop_signal) return fail("bad config");
  config = {std::move(*entrypoint), std::move(*cmd),         std::move(*env),
            std::move(*user),       std::move(*working_dir), std::move(*stop_signal)};
  return {};
}

/// A record of an earlier podsd names none.
Result<void> read_blobs(const Json& document, Record& record) {
  auto manifest = string_member(document, "manifest");
  auto type = string_member(document, "manifest_type");
  auto blobs = strings_member(document, "blobs");
  if (!manifest || !type || !blobs || !std::ranges::all_of(*blobs, is_sha256_hex)) return fail("bad blobs");
  if (!manifest->empty() && !is_sha256_hex(*manifest)) return fail("bad manifest");
  const Json& imported = member(document, "imported");
  record.imported_usec = imported.is_number_integer() ? imported.get<std::int64_t>() : 0;
  record.manifest = std::move(*manifest);
  record.manifest_type = std::move(*type);
  record.blobs = std::move(*blobs);
  return {};
}

/// Absent in what an earlier podsd wrote.
bool is_set(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace

std::string record_text(const Record& record) {
  const Image& image = record.image;
  Json layers = Json::array();
  for (const auto& layer : record.layers) layers.push_back({{"key", layer.key}, {"link", layer.link}});
  const Json config{{"entrypoint", image.config.entrypoint},
                    {"cmd", image.config.cmd},
                    {"env", image.config.env},
                    {"user", image.config.user},
                    {"working_dir", image.config.working_dir},
                    {"stop_signal", image.config.stop_signal}};
  const Json document{{"name", image.name},
                      {"digest", image.digest},
                      {"id", image.id},
                      {"size", image.size},
                      {"layers", layers},
                      {"config", config},
                      {"imported", record.imported_usec},
                      {"manifest", record.manifest},
                      {"manifest_type", record.manifest_type},
                      {"blobs", record.blobs},
                      {"opens_outputs", image.opens_outputs}};
  return document.dump();
}

Result<Record> parse_record(const std::string& text, const std::filesystem::path& root) {
  auto document = parse_json(text, "image record");
  if (!document) return std::unexpected(document.error());
  Record record;
  auto name = string_member(*document, "name");
  auto digest = string_member(*document, "digest");
  auto id = string_member(*document, "id");
  auto size = size_member(*document, "size");
  if (!name || !digest || !id || !size) return fail("bad image record");
  record.image.name = std::move(*name);
  record.image.digest = std::move(*digest);
  record.image.id = std::move(*id);
  record.image.size = *size;
  record.image.opens_outputs = is_set(*document, "opens_outputs");
  if (auto read = read_layers(member(*document, "layers"), root, record); !read)
    return fail("bad image record", record.image.name, read.error());
  if (auto read = read_config(member(*document, "config"), record.image.config); !read)
    return fail("bad image record", record.image.name, read.error());
  if (auto read = read_blobs(*document, record); !read)
    return fail("bad image record", record.image.name, read.error());
  return record;
}

std::string info_text(const LayerInfo& info) {
  return Json{{"size", info.size},
              {"implicit", info.implicit},
              {"tree", info.tree},
              {"opens_outputs", info.opens_outputs},
              {"verity", info.verity}}
      .dump();
}

Result<LayerInfo> parse_info(const std::string& text) {
  auto document = parse_json(text, "layer info");
  if (!document) return std::unexpected(document.error());
  auto size = size_member(*document, "size");
  const Json& implicit = member(*document, "implicit");
  auto tree = string_member(*document, "tree");
  auto verity = string_member(*document, "verity");  // "" where an earlier podsd wrote it
  if (!size || !implicit.is_boolean() || !tree || !verity) return fail("bad layer info");
  return LayerInfo{*size, implicit.get<bool>(), std::move(*tree), is_set(*document, "opens_outputs"),
                   std::move(*verity)};
}

Result<LayerInfo> read_info(int layer) {
  auto text = read_file(layer, "info", max_info_bytes);
  if (!text) return std::unexpected(text.error());
  return parse_info(*text);
}

std::string record_file(const std::string& reference) {
  return file_name_for(reference) + ".json";
}

}  // namespace podsd::image

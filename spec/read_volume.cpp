// SPDX-License-Identifier: Apache-2.0
#include "spec/names.hpp"
#include "spec/read.hpp"

namespace podsd::spec {
namespace {

EmptyDir read_empty_dir(const Reader& reader) {
  EmptyDir out;
  const Reader medium = reader.field("medium", Type::text);
  if (medium.present() && medium.node().text.starts_with("HugePages")) {
    medium.error("the value " + excerpt_bare(medium.node().text) + " is not supported yet");
  } else {
    static constexpr std::pair<std::string_view, bool> media[] = {{"", false}, {"Memory", true}};
    out.memory = read_choice(medium, media, false);
  }
  const Reader limit = reader.field("sizeLimit", Type::quantity);
  if (limit.present()) out.size_limit = read_bytes(limit);
  return out;
}

HostPath read_host_path(const Reader& reader) {
  static constexpr std::pair<std::string_view, HostPathType> types[] = {
      {"", HostPathType::unset},
      {"DirectoryOrCreate", HostPathType::directory_or_create},
      {"Directory", HostPathType::directory},
      {"FileOrCreate", HostPathType::file_or_create},
      {"File", HostPathType::file},
      {"Socket", HostPathType::socket},
      {"CharDevice", HostPathType::char_device},
      {"BlockDevice", HostPathType::block_device},
  };
  HostPath out;
  if (reader.require("path", "the path on the host")) {
    const Reader path = reader.field("path", Type::text);
    out.path = reader.text("path");
    if (path.present()) path.expect(check_path(out.path));
  }
  out.type = read_choice(reader.field("type", Type::text), types, HostPathType::unset);
  return out;
}

}  // namespace

Volume read_volume(const Reader& reader) {
  Volume out;
  if (reader.require("name", "the volume's name")) {
    const Reader name = reader.field("name", Type::text);
    out.name = reader.text("name");
    if (name.present()) name.expect(check_label(out.name));
  }
  std::string first;
  for (const Node::Entry& entry : reader.node().entries) {
    if (entry.key == "name" || entry.value.kind == Node::Kind::null) continue;
    if (!first.empty())
      reader.findings().error(entry.position, join(reader.path(), entry.key),
                              "a volume has one source, and " + excerpt(first) + " is given already");
    first = entry.key;
  }
  // A volume without a source is an emptyDir, as the API server defaults it.
  const Reader host_path = reader.field("hostPath", Type::object);
  const Reader empty_dir = reader.field("emptyDir", Type::object);
  const Reader image = reader.field("image", Type::object);
  if (host_path.present()) {
    out.source = read_host_path(host_path);
  } else if (empty_dir.present()) {
    out.source = read_empty_dir(empty_dir);
  } else if (image.present()) {
    out.source = read_image(image, "reference", "pullPolicy");
  }
  return out;
}

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "spec/names.hpp"
#include "spec/read.hpp"
#include "spec/scalar.hpp"

namespace podsd::spec {
namespace {

std::vector<std::string> read_texts(const Reader& list) {
  std::vector<std::string> out;
  if (!list.present()) return out;
  for (const Node& item : list.node().items) out.push_back(item.text);
  return out;
}

std::vector<EnvVar> read_env(const Reader& list) {
  std::vector<EnvVar> out;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping || !item.require("name", "the variable's name")) continue;
    const Reader name = item.field("name", Type::text);
    if (!name.present()) continue;
    name.expect(check_env_name(name.node().text));
    out.push_back({name.node().text, item.text("value")});
  }
  return out;
}

/// The path with its slashes and dots put in order, to tell equal ones.
std::string plain_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") out += "/" + std::string(part);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return out;
}

void check_mount_path(const Reader& path, std::set<std::string>& used) {
  const std::string& text = path.node().text;
  std::string expectation = check_path(text);
  const std::string plain = plain_path(text);
  if (expectation.empty() && text.find(':') != std::string::npos) expectation = "a path without ':'";
  if (expectation.empty() && plain.empty()) expectation = "a path below /";
  path.expect(expectation);
  if (expectation.empty() && !used.insert(plain).second)
    path.error("the path " + excerpt(text) + " is mounted twice");
}

/// Elsewhere than in an image, which never changes, a path could lead anywhere by the time it is mounted.
std::string read_sub_path(const Reader& mount, const Pod& pod) {
  const Reader field = mount.field("subPath", Type::text);
  std::string path = mount.text("subPath");
  if (!field.present() || path.empty()) return "";
  const auto volume = std::ranges::find(pod.volumes, mount.text("name"), &Volume::name);
  if (volume != pod.volumes.end() && !std::holds_alternative<ImageVolume>(volume->source))
    field.error("not supported yet but in image volumes");
  else if (path.starts_with('/'))
    field.error("found an absolute path, expected a relative one");
  else
    field.expect(check_path("/" + path));
  return path;
}

std::vector<VolumeMount> read_mounts(const Reader& list, const Pod& pod) {
  std::vector<VolumeMount> out;
  std::set<std::string> used;
  if (!list.present()) return out;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping) continue;
    if (item.require("name", "the name of a volume")) {
      const Reader name = item.field("name", Type::text);
      const bool known = name.present() &&
                         std::ranges::find(pod.volumes, name.node().text, &Volume::name) != pod.volumes.end();
      if (name.present() && !known)
        name.error("found " + excerpt(name.node().text) + ", expected a name out of spec.volumes");
    }
    if (item.require("mountPath", "the path in the container")) {
      const Reader path = item.field("mountPath", Type::text);
      if (path.present()) check_mount_path(path, used);
    }
    out.push_back(
        {item.text("name"), item.text("mountPath"), item.flag("readOnly", false), read_sub_path(item, pod)});
  }
  return out;
}

}  // namespace

ImageVolume read_image(const Reader& reader, const char* reference, const char* policy) {
  static constexpr std::pair<std::string_view, PullPolicy> policies[] = {
      {"Always", PullPolicy::always},
      {"IfNotPresent", PullPolicy::if_not_present},
      {"Never", PullPolicy::never}};
  ImageVolume out;
  if (reader.require(reference, "an image reference")) {
    const Reader image = reader.field(reference, Type::text);
    out.reference = reader.text(reference);
    if (image.present()) image.expect(check_image(out.reference));
  }
  const PullPolicy usual = image_is_latest(out.reference) ? PullPolicy::always : PullPolicy::if_not_present;
  out.pull_policy = read_choice(reader.field(policy, Type::text), policies, usual);
  return out;
}

Container read_container(const Reader& reader, const Pod& pod) {
  Container out;
  out.position = reader.position();
  if (reader.require("name", "the container's name")) {
    const Reader name = reader.field("name", Type::text);
    out.name = reader.text("name");
    if (name.present()) name.expect(check_label(out.name));
  }
  const ImageVolume image = read_image(reader, "image", "imagePullPolicy");
  out.image = image.reference;
  out.image_pull_policy = image.pull_policy;
  out.command = read_texts(reader.field("command", Type::texts));
  out.args = read_texts(reader.field("args", Type::texts));
  out.env = read_env(reader.field("env", Type::objects));
  const Reader directory = reader.field("workingDir", Type::text);
  out.working_dir = reader.text("workingDir");
  if (!out.working_dir.empty()) directory.expect(check_path(out.working_dir));
  out.stdin = reader.flag("stdin", false);
  out.stdin_once = reader.flag("stdinOnce", false);
  out.tty = reader.flag("tty", false);
  out.resources = read_resources(reader.field("resources", Type::object));
  out.volume_mounts = read_mounts(reader.field("volumeMounts", Type::objects), pod);
  out.ports = read_ports(reader.field("ports", Type::objects), pod);
  return out;
}

}  // namespace podsd::spec

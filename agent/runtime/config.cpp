// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/config.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/runtime/config_parts.hpp"

namespace podsd::runtime {
namespace {

// (uid_t)-1 means "leave as it is" to setresuid(2): it must never pass for a user.
constexpr std::int64_t max_id = 0xfffffffe;

// Three numbers, and behind - or + what a release of those is (semver.org, 2).
bool is_semantic(std::string_view version) {
  constexpr std::string_view digits = "0123456789";
  for (int part = 0; part < 3; ++part) {
    const std::size_t size = std::min(version.find_first_not_of(digits), version.size());
    if (size == 0 || (size > 1 && version.front() == '0')) return false;
    version.remove_prefix(size);
    if (part == 2) break;
    if (!version.starts_with('.')) return false;
    version.remove_prefix(1);
  }
  return version.empty() || ((version.front() == '-' || version.front() == '+') && version.size() > 1);
}

void read_version(const Node& node) {
  std::string version = node.text();
  if (!version.starts_with("1.") || !is_semantic(version)) node.complain("must be a version 1.x.y");
}

// A path that does not begin at / counts from there all the same (config.md, "Mounts").
std::string destination(const Node& node) {
  std::string path = node.text();
  if (!path.empty() && path.front() != '/') path.insert(0, 1, '/');
  if (path.empty()) node.complain("must not be empty");
  return path;
}

Mount read_mount(const Node& node) {
  Mount mount{destination(node.at("destination")), node.at("type").text(), node.at("source").text(),
              node.at("options").texts(), read_maps(node)};
  if (mount.destination.find_first_not_of('/') == std::string::npos)
    node.at("destination").complain("must not be the root");
  return mount;
}

Config read_config(const Node& node) {
  Config config;
  read_version(node.at("ociVersion"));
  config.hooks = read_hooks(node.at("hooks"));
  config.root = node.at("root").at("path").text();
  if (config.root.empty()) node.at("root").at("path").complain("must not be empty");
  config.root_readonly = node.at("root").at("readonly").flag();
  config.hostname = node.at("hostname").text();
  config.domainname = node.at("domainname").text();
  node.at("mounts").each([&](const Node& mount) { config.mounts.push_back(read_mount(mount)); });
  node.at("annotations").each_member([&](const std::string& key, const Node& value) {
    if (key.empty()) value.complain("must have a key");
    config.annotations[key] = value.text();
  });
  if (!node.at("process").present()) node.at("process").complain("is missing");
  config.process = read_process(node.at("process"));
  if (!node.at("linux").present()) node.at("linux").complain("is missing");
  read_linux(node.at("linux"), config);
  return config;
}

std::string syntax_error(const nlohmann::json::exception& error) {
  std::string text = error.what();
  auto end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

template <typename Value, typename Reader>
Result<Value> parse(std::string_view text, const char* what, const char* path, Reader read) {
  try {
    auto document = nlohmann::json::parse(text);
    std::optional<Error> error;
    Value value = read(Node(&document, path, &error));
    if (error) return fail(what, error->subject + " " + error->what);
    return value;
  } catch (const nlohmann::json::exception& error) {
    return fail(what, syntax_error(error));
  }
}

}  // namespace

std::uint32_t read_id(const Node& node) {
  return static_cast<std::uint32_t>(node.number(0, max_id));
}

std::string read_absolute_path(const Node& node) {
  std::string path = node.text();
  if (path.empty() || path.front() != '/') node.complain("must be an absolute path");
  return path;
}

Result<Config> parse_config(std::string_view text) {
  return parse<Config>(text, "config.json", "", read_config);
}

Result<Process> parse_process(std::string_view text) {
  return parse<Process>(text, "process", "process", read_process);
}

}  // namespace podsd::runtime

// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/conflist.hpp"

#include <algorithm>

#include "agent/one_line.hpp"
#include "policies/cni.hpp"

namespace podsd::network::cni {
namespace {

/// Names where in a file something is wrong.
struct Place {
  const std::string& file;
  std::string field;

  [[nodiscard]] std::unexpected<Error> expected(const std::string& what, const Json& found) const {
    return fail(file + ": " + field + ": found " +
                (found.is_string() ? '"' + one_line(found.get_ref<const std::string&>(), 100) + '"'
                                   : std::string(found.type_name())) +
                ", expected " + what);
  }
  [[nodiscard]] std::unexpected<Error> missing() const { return fail(file + ": " + field + ": is missing"); }
};

Result<std::string> text_of(const Json& object, const char* key, const std::string& at,
                            const std::string& file, bool (*good)(std::string_view), const char* what) {
  const Place place{file, at + key};
  const auto it = object.find(key);
  if (it == object.end()) return place.missing();
  if (!it->is_string() || !good(it->get_ref<const std::string&>())) return place.expected(what, *it);
  return it->get<std::string>();
}

/// A switch: also as a text, which version 0.4.0 had.
Result<bool> switch_of(const Json& list, const char* key, const std::string& file) {
  const Json value = list.value(key, Json(false));
  if (value.is_boolean()) return value.get<bool>();
  if (value == "true" || value == "false") return value == "true";
  return Place{file, key}.expected("true or false", value);
}

Result<std::vector<std::string>> versions_of(const Json& list, const std::string& file) {
  std::vector<std::string> versions;
  const auto add = [&](const Json& value, const std::string& field) -> Result<void> {
    if (!value.is_string()) return Place{file, field}.expected("a version such as 1.0.0", value);
    versions.push_back(value.get<std::string>());
    return {};
  };
  const Json none = Json::array();
  const Json& more = list.contains("cniVersions") ? list.at("cniVersions") : none;
  if (!more.is_array()) return Place{file, "cniVersions"}.expected("a list of versions", more);
  if (list.contains("cniVersion"))
    if (auto added = add(list.at("cniVersion"), "cniVersion"); !added) return std::unexpected(added.error());
  for (std::size_t i = 0; i < more.size(); ++i)
    if (auto added = add(more[i], "cniVersions[" + std::to_string(i) + "]"); !added)
      return std::unexpected(added.error());
  if (versions.empty()) return Place{file, "cniVersion"}.missing();
  if (std::ranges::none_of(versions, policies::is_cni_version))
    return Place{file, "cniVersion"}.expected("one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0", versions.front());
  return versions;
}

Result<Plugin> plugin_of(const Json& value, const std::string& field, const std::string& file) {
  if (!value.is_object()) return Place{file, field}.expected("a mapping", value);
  const auto type = text_of(value, "type", field + ".", file, policies::is_cni_plugin_type, "a file's name");
  if (!type) return std::unexpected(type.error());
  Plugin plugin{*type, {}, value};
  const Json capabilities = value.value("capabilities", Json::object());
  const Place place{file, field + ".capabilities"};
  if (!capabilities.is_object()) return place.expected("a mapping of names to true or false", capabilities);
  for (const auto& [name, wanted] : capabilities.items()) {
    if (!wanted.is_boolean()) return place.expected("a mapping of names to true or false", wanted);
    if (wanted.get<bool>()) plugin.capabilities.insert(name);
  }
  return plugin;
}

}  // namespace

Result<Network> read_network(const Json& list, const std::string& where) {
  if (!list.is_object()) return Place{where, "."}.expected("a mapping", list);
  const auto name = text_of(list, "name", "", where, policies::is_cni_name,
                            "letters, digits, '_', '.' and '-', the first a letter or digit");
  if (!name) return std::unexpected(name.error());
  auto versions = versions_of(list, where);
  if (!versions) return std::unexpected(versions.error());
  const auto check = switch_of(list, "disableCheck", where);
  if (!check) return std::unexpected(check.error());
  const auto gc = switch_of(list, "disableGC", where);
  if (!gc) return std::unexpected(gc.error());
  Network network{*name, std::move(*versions), *check, *gc, {}, list};
  const Place place{where, "plugins"};
  if (!list.contains("plugins")) return place.missing();
  const Json& plugins = list.at("plugins");
  if (!plugins.is_array() || plugins.empty()) return place.expected("a list of at least one plugin", plugins);
  for (std::size_t i = 0; i < plugins.size(); ++i) {
    auto plugin = plugin_of(plugins[i], "plugins[" + std::to_string(i) + "]", where);
    if (!plugin) return std::unexpected(plugin.error());
    network.plugins.push_back(std::move(*plugin));
  }
  return network;
}

Result<Network> parse_network(std::string_view text, const std::string& file) {
  const auto parsed = parse_json(text);
  if (!parsed) return fail(file + ": " + parsed.error().message());
  const Json& json = *parsed;
  if (file.ends_with(".conflist") || !json.is_object()) return read_network(json, file);
  const auto type = text_of(json, "type", "", file, policies::is_cni_plugin_type, "a file's name");
  if (!type && json.contains("plugins"))
    return fail(file + ": type: is missing, and a list of plugins belongs into a *.conflist");
  if (!type) return std::unexpected(type.error());
  Json list{{"plugins", Json::array({json})}};
  for (const char* key : {"name", "cniVersion", "cniVersions"})
    if (json.contains(key)) list[key] = json.at(key);
  return read_network(list, file);
}

Json plugin_config(const Network& network, const Plugin& plugin, const std::string& version,
                   const Json& runtime, const Json& previous) {
  Json config = plugin.config;
  config["name"] = network.name;
  config["cniVersion"] = version;
  for (const char* key : {"capabilities", "runtimeConfig", "prevResult"}) config.erase(key);
  for (const auto& [key, value] : runtime.items())
    if (plugin.capabilities.contains(key)) config["runtimeConfig"][key] = value;
  if (!previous.is_null()) config["prevResult"] = previous;
  return config;
}

}  // namespace podsd::network::cni

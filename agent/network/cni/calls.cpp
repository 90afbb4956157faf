// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/calls.hpp"

#include <sys/stat.h>

#include <cstdio>

#include "agent/network/cni/folders.hpp"
#include "agent/network/cni/result.hpp"
#include "agent/network/cni/run_plugin.hpp"
#include "agent/one_line.hpp"
#include "agent/os/files.hpp"

namespace podsd::network::cni {
namespace {

std::vector<std::string> environment(const Settings& settings, policies::CniCommand command,
                                     const Record* about) {
  std::string path;
  for (const std::string& folder : settings.plugins) path += (path.empty() ? "" : ":") + folder;
  std::vector<std::string> out{"CNI_COMMAND=" + std::string(policies::cni_name(command)), "CNI_PATH=" + path};
  if (about == nullptr) return out;
  out.push_back("CNI_CONTAINERID=" + about->container);
  out.push_back("CNI_NETNS=" + about->netns);
  out.push_back("CNI_IFNAME=" + about->interface);
  out.push_back("CNI_ARGS=" + about->args);
  return out;
}

void log_lines(const std::string& prefix, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string line = one_line(text.substr(0, end), 1000);
    if (!line.empty()) std::fprintf(stderr, "<6>%s: %s\n", prefix.c_str(), line.c_str());
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

/// Names a plugin's file as it is now: it changes when the plugin is replaced.
std::string stamp_of(const std::filesystem::path& file) {
  struct stat st = {};
  if (::stat(file.c_str(), &st) != 0) return "";
  std::string stamp = file.filename();
  for (const auto number :
       {static_cast<std::uint64_t>(st.st_dev), static_cast<std::uint64_t>(st.st_ino),
        static_cast<std::uint64_t>(st.st_size), static_cast<std::uint64_t>(st.st_ctim.tv_sec),
        static_cast<std::uint64_t>(st.st_ctim.tv_nsec)})
    stamp += "." + std::to_string(number);
  return stamp;
}

}  // namespace

Error failed(const Plugin& plugin, policies::CniCommand command, const std::string& why) {
  return {"plugin " + plugin.type + ": " + std::string(policies::cni_name(command)) + ": " + why, "", 0,
          nullptr};
}

std::expected<std::string, PluginFailure> Calls::call(const Plugin& plugin, policies::CniCommand command,
                                                      const Json& config, const Record* about) const {
  const auto unable = [](const Error& error) { return std::unexpected(PluginFailure{0, error.message()}); };
  const auto program = find_plugin(plugin.type, settings_.plugins);
  if (!program) return unable(program.error());
  const std::string input = config.dump(-1, ' ', false, Json::error_handler_t::replace);
  auto end = run_plugin({*program, input, environment(settings_, command, about), settings_.deadline});
  if (!end) return unable(end.error());
  const std::string name = plugin.type + ": " + std::string(policies::cni_name(command));
  log_lines(name + (about != nullptr ? " of " + about->container : ""), end->err);
  if (end->good()) return std::move(end->out);
  return std::unexpected(failure_of(*end, settings_.deadline));
}

Result<std::vector<std::string>> Calls::versions_of(const Plugin& plugin, const std::string& offered) const {
  const auto program = find_plugin(plugin.type, settings_.plugins);
  if (!program) return std::unexpected(program.error());
  const auto kept = versions_ / stamp_of(*program);
  if (const auto text = os::read_file(kept))
    if (auto versions = read_versions(*text)) return versions;
  const auto answer = call(plugin, policies::CniCommand::version, {{"cniVersion", offered}});
  if (!answer) return std::unexpected(failed(plugin, policies::CniCommand::version, answer.error().text));
  auto versions = read_versions(*answer);
  if (!versions)
    return std::unexpected(failed(plugin, policies::CniCommand::version, versions.error().message()));
  if (os::make_dirs(versions_, 0700)) static_cast<void>(os::replace_file(kept, *answer));
  return versions;
}

Result<std::string> Calls::choose_version(const Network& network) const {
  std::vector<policies::CniPluginVersions> plugins;
  for (const Plugin& plugin : network.plugins) {
    auto versions = versions_of(plugin, network.versions.front());
    if (!versions) return std::unexpected(versions.error());
    plugins.push_back({plugin.type, std::move(*versions)});
  }
  return policies::choose_cni_version(network.versions, plugins);
}

}  // namespace podsd::network::cni

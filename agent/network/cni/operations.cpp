// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/operations.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <cstdio>
#include <ranges>

#include "agent/network/cni/folders.hpp"
#include "agent/network/own_addresses.hpp"
#include "agent/network/cni/result.hpp"

namespace podsd::network::cni {
namespace {

using policies::CniCommand;

/// The error that says the container is unknown: then nothing is to be cleaned up (section 2, "Error").
constexpr int unknown_container = 3;

/// Whether a namespace is pinned there; without one DEL gets none.
bool is_namespace(const std::string& path) {
  struct statfs fs = {};
  return ::statfs(path.c_str(), &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

Result<Network> network_of(const Record& record) {
  return read_network(record.network, "the record of " + record.id);
}

}  // namespace

Result<void> Operations::status(const Network& network, const std::string& version) const {
  if (!policies::cni_has(version, CniCommand::status)) return {};
  for (const Plugin& plugin : network.plugins) {
    const Json config = plugin_config(network, plugin, version, Json::object(), nullptr);
    const auto answer = calls_.call(plugin, CniCommand::status, config);
    if (!answer && !command_unknown(answer.error()))
      return std::unexpected(failed(plugin, CniCommand::status, answer.error().text));
  }
  return {};
}

Result<void> Operations::run_add(const Network& network, Record& record) const {
  Json previous;
  for (const Plugin& plugin : network.plugins) {
    const Json config = plugin_config(network, plugin, record.version, record.runtime, previous);
    const auto answer = calls_.call(plugin, CniCommand::add, config, &record);
    if (!answer) return std::unexpected(failed(plugin, CniCommand::add, answer.error().text));
    auto result = read_result(*answer, record.version);
    if (!result) return std::unexpected(failed(plugin, CniCommand::add, result.error().message()));
    previous = std::move(*result);
  }
  auto attachment = attachment_of(previous, record.interface);
  if (!attachment) return std::unexpected(attachment.error());
  keep_own_addresses(attachment->gateways);
  record.attachment = std::move(*attachment);
  record.result = std::move(previous);
  return {};
}

Result<Attachment> Operations::add(const AddRequest& request) {
  auto earlier = records_.find(request.id);
  if (!earlier) return std::unexpected(earlier.error());
  if (*earlier) {
    // The path leads to the new sandbox's namespace by now.
    (*earlier)->netns.clear();
    if (auto gone = run_del(**earlier); !gone)
      return fail("cannot remove what an earlier sandbox of the pod left", "", gone.error());
  }
  const auto chosen = choose_network(calls_.settings().configs, calls_.settings().plugins);
  if (!chosen) return std::unexpected(chosen.error());
  for (const std::string& why : chosen->skipped) std::fprintf(stderr, "<4>skipped %s\n", why.c_str());
  const Network& network = chosen->network;
  const auto version = calls_.choose_version(network);
  if (!version) return fail("network " + network.name, "", version.error());
  if (auto ready = status(network, *version); !ready)
    return fail("network " + network.name, "", ready.error());
  Record record{request.id,     policies::cni_container_id(request.id),
                request.netns,  pod_interface,
                request.args,   *version,
                network.config, request.runtime,
                nullptr,        {}};
  if (auto kept = records_.keep(record); !kept) return std::unexpected(kept.error());
  if (auto added = run_add(network, record); !added)
    return fail("network " + network.name, "", added.error());
  if (auto kept = records_.keep(record); !kept) return std::unexpected(kept.error());
  return record.attachment;
}

Result<void> Operations::run_del(const Record& record) const {
  const auto network = network_of(record);
  if (!network) return std::unexpected(network.error());
  // Before 0.4.0 DEL knew no prevResult.
  const bool with_result = policies::cni_has(record.version, CniCommand::check);
  for (const Plugin& plugin : network->plugins | std::views::reverse) {
    const Json config =
        plugin_config(*network, plugin, record.version, record.runtime, with_result ? record.result : Json());
    const auto answer = calls_.call(plugin, CniCommand::del, config, &record);
    if (!answer && answer.error().code != unknown_container)
      return fail("network " + network->name, "", failed(plugin, CniCommand::del, answer.error().text));
  }
  return {};
}

Result<void> Operations::remove(const std::string& id) {
  auto record = records_.find(id);
  if (!record) return std::unexpected(record.error());
  if (!*record) return {};
  if (!is_namespace((*record)->netns)) (*record)->netns.clear();
  if (auto gone = run_del(**record); !gone) return gone;
  return records_.remove(id);
}

Result<void> Operations::check(const std::string& id) {
  const auto record = records_.find(id);
  if (!record) return std::unexpected(record.error());
  if (!*record || (*record)->result.is_null()) return {};
  const auto network = network_of(**record);
  if (!network) return std::unexpected(network.error());
  if (network->disable_check || !policies::cni_has((*record)->version, CniCommand::check)) return {};
  for (const Plugin& plugin : network->plugins) {
    const Json config =
        plugin_config(*network, plugin, (*record)->version, (*record)->runtime, (*record)->result);
    const auto answer = calls_.call(plugin, CniCommand::check, config, &**record);
    if (!answer)
      return fail("network " + network->name, "", failed(plugin, CniCommand::check, answer.error().text));
  }
  return {};
}

Result<void> Operations::collect() {
  const auto chosen = choose_network(calls_.settings().configs, calls_.settings().plugins);
  if (!chosen) return std::unexpected(chosen.error());
  const Network& network = chosen->network;
  const auto version = calls_.choose_version(network);
  if (!version) return std::unexpected(version.error());
  if (network.disable_gc || !policies::cni_has(*version, CniCommand::gc)) return {};
  std::vector<Error> bad;
  Json valid = Json::array();
  for (const Record& record : records_.all(bad))
    if (record.network.value("name", "") == network.name)
      valid.push_back({{"containerID", record.container}, {"ifname", record.interface}});
  // Whose record cannot be read may be anybody.
  if (!bad.empty()) return std::unexpected(bad.front());
  Result<void> first;
  for (const Plugin& plugin : network.plugins) {
    Json config = plugin_config(network, plugin, *version, Json::object(), nullptr);
    config["cni.dev/valid-attachments"] = valid;
    const auto answer = calls_.call(plugin, CniCommand::gc, config);
    if (!answer && !command_unknown(answer.error()) && first)
      first = std::unexpected(failed(plugin, CniCommand::gc, answer.error().text));
  }
  return first;
}

}  // namespace podsd::network::cni

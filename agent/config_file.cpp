// SPDX-License-Identifier: Apache-2.0
#include "agent/config_file.hpp"

#include <algorithm>
#include <cerrno>

#include "agent/os/files.hpp"
#include "spec/config.hpp"

namespace podsd::agent {

Result<void> read_config(const std::filesystem::path& path, units::NodeFacts& node,
                         engine::Runtimes& runtimes, spec::NetworkConfig& network) {
  const auto text = os::read_file(path);
  if (!text && text.error().code == ENOENT) return {};
  if (!text) return std::unexpected(text.error());
  const auto config = spec::read_config(*text, path);
  if (!config) return std::unexpected(config.error());
  const spec::Config& c = *config;
  node.backoff.first_usec = c.backoff_first_usec.value_or(node.backoff.first_usec);
  node.backoff.factor = c.backoff_factor.value_or(node.backoff.factor);
  node.backoff.cap_usec = c.backoff_cap_usec.value_or(node.backoff.cap_usec);
  node.backoff.reset_usec = c.backoff_reset_usec.value_or(node.backoff.reset_usec);
  node.pod_pids_limit =
      static_cast<std::uint64_t>(c.pod_pids_limit.value_or(static_cast<std::int64_t>(node.pod_pids_limit)));
  node.users_first_id =
      static_cast<std::uint32_t>(c.users_first_id.value_or(static_cast<std::int64_t>(node.users_first_id)));
  const std::int64_t room = 65535 - node.users_first_id / 65536;
  node.users_pods =
      static_cast<std::uint32_t>(c.users_pods.value_or(std::min<std::int64_t>(node.users_pods, room)));
  if (c.memory_throttling_factor) node.memory.throttling_factor = c.memory_throttling_factor;
  runtimes = c.runtimes;
  network = c.network;
  return {};
}

}  // namespace podsd::agent

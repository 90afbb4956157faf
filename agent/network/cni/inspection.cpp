// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/inspection.hpp"

#include "agent/network/cni/folders.hpp"
#include "agent/network/cni/records.hpp"

namespace podsd::network::cni {

Inspection inspect(const spec::NetworkConfig& config, const std::filesystem::path& state) {
  using Choice = spec::NetworkConfig::Provider;
  Inspection out;
  std::vector<Error> bad;
  for (const Record& record : Records(state / "cni").all(bad))
    if (!record.result.is_null()) out.pods[record.id] = record.attachment;
  for (const Error& error : bad) out.faults.push_back(error.message());
  const bool wanted = config.provider == Choice::cni;
  if (!wanted && (config.provider != Choice::automatic || !has_configs(config.cni.configs))) return out;
  const auto network = choose_network(config.cni.configs, config.cni.plugins);
  out.used = wanted || network;
  if (network) {
    out.file = network->file;
    out.faults.insert(out.faults.end(), network->skipped.begin(), network->skipped.end());
  } else {
    out.faults.push_back(network.error().message());
  }
  return out;
}

}  // namespace podsd::network::cni

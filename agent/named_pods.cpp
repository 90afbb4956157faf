// SPDX-License-Identifier: Apache-2.0
// The pods' networks and names: which pods can be found, and who on the host is told where to ask.
#include <net/if.h>
#include <syslog.h>

#include "agent/agent.hpp"
#include "agent/cni_services.hpp"
#include "agent/journal.hpp"
#include "agent/network/providers.hpp"
#include "agent/node.hpp"
#include "agent/pod_view.hpp"

namespace podsd::agent {

Result<void> Agent::open_networks() {
  auto provider = network::make_provider(
      {io_, lane_, cni_services(bus_->systemd()), options_.paths.state, options_.paths.run},
      options_.network);
  if (!provider) return std::unexpected(provider.error());
  names_.emplace(
      io_, [this] { return named_pods(); }, [this](const std::set<spec::IpPrefix>& at) { names_served(at); });
  networks_.emplace(lane_, std::move(*provider), &*names_);
  return {};
}

/// Those that are up; with hostNetwork at the host's address.
std::vector<policies::NamedPod> Agent::named_pods() const {
  std::vector<policies::NamedPod> pods;
  for (const auto& [key, worker] : workers_) {
    const units::State& state = worker->state();
    if (state.stage != units::Stage::up) continue;
    const spec::Pod& pod = state.pod;
    policies::NamedPod named{pod.ns, pod.name, spec::short_hostname(pod), pod.names.subdomain, {}};
    if (pod.host_network) {
      if (const auto address = spec::parse_ip(host_address())) named.addresses.push_back(*address);
    } else if (const auto* network = networks_->find(sandbox_id(pod))) {
      for (const spec::IpPrefix& address : network->addresses) named.addresses.push_back(address.address);
    }
    if (!named.addresses.empty()) pods.push_back(std::move(named));
  }
  return pods;
}

/// Where systemd-resolved runs, the host finds pods through it. It forgets what it knows of the bridge when
/// that goes.
void Agent::names_served(const std::set<spec::IpPrefix>& at) {
  dbus::ResolverLink link{static_cast<int>(::if_nametoindex(options_.network.bridge.c_str())), {}, {"pod"}};
  for (const spec::IpPrefix& address : at) link.servers.push_back(address.address);
  if (link.index == 0 || link.servers.empty() || link == told_) return;
  bus_->set_resolver_link(link, [this, link](const Result<void>& set) {
    if (set)
      told_ = link;
    else
      journal::write(LOG_WARNING, "the host does not find pods: " + set.error().message(), {});
  });
}

}  // namespace podsd::agent

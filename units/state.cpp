// SPDX-License-Identifier: Apache-2.0
#include "units/state.hpp"

namespace podsd::units {

State begin(spec::Pod pod, NodeFacts node) {
  State state;
  state.pod = std::move(pod);
  for (const spec::Container& c : state.pod.init_containers)
    state.containers.push_back({.name = c.name, .init = true});
  for (const spec::Container& c : state.pod.containers) state.containers.push_back({.name = c.name});
  rebind(state, std::move(node));
  return state;
}

void rebind(State& state, NodeFacts node) {
  state.node = std::move(node);
  state.plan = make_plan(state.pod, state.node);
}

std::vector<policies::HostPort> claimed_ports(const State& state) {
  std::vector<policies::HostPort> ports = policies::host_ports(state.pod);
  if (state.next)
    for (const policies::HostPort& port : policies::host_ports(*state.next)) ports.push_back(port);
  return ports;
}

}  // namespace podsd::units

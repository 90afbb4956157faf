// SPDX-License-Identifier: Apache-2.0
#include "agent/pod_view.hpp"

#include <algorithm>

#include "units/names.hpp"

namespace podsd::agent {
namespace {

std::uint64_t tmpfs_size(const spec::Pod& pod, const spec::EmptyDir& dir) {
  // min(sizeLimit, sum of the containers' limits): a tmpfs is charged to whoever writes it (KEP-1967).
  std::int64_t sum = 0;
  bool all = true;
  for (const spec::Container& c : pod.containers) {
    sum += c.resources.limits.memory_bytes.value_or(0);
    all = all && c.resources.limits.memory_bytes.has_value();
  }
  std::int64_t size = dir.size_limit.value_or(0);
  if (all && (size == 0 || sum < size)) size = sum;
  return static_cast<std::uint64_t>(size);
}

engine::Mount mount_of(const spec::Pod& pod, const spec::VolumeMount& wanted) {
  engine::Mount mount;
  mount.target = wanted.mount_path;
  mount.read_only = wanted.read_only;
  const auto volume = std::ranges::find(pod.volumes, wanted.name, &spec::Volume::name);
  if (const auto* host = std::get_if<spec::HostPath>(&volume->source)) {
    mount.source = host->path;
    mount.type = host->type;
    return mount;
  }
  if (const auto* image = std::get_if<spec::ImageVolume>(&volume->source)) {
    mount.kind = engine::Mount::Kind::image;
    mount.source = image->reference;
    mount.sub_path = wanted.sub_path;
    mount.read_only = true;
    return mount;
  }
  mount.kind = engine::Mount::Kind::volume;
  mount.source = wanted.name;
  return mount;
}

const spec::Container& find(const spec::Pod& pod, const std::string& name) {
  const auto it = std::ranges::find(pod.init_containers, name, &spec::Container::name);
  if (it != pod.init_containers.end()) return *it;
  return *std::ranges::find(pod.containers, name, &spec::Container::name);
}

}  // namespace

std::string sandbox_id(const spec::Pod& pod) {
  const std::string slice = units::pod_slice(pod.ns, pod.name);
  return slice.substr(0, slice.size() - std::string(".slice").size());
}

network::PodRequest pod_request(const spec::Pod& pod) {
  return {sandbox_id(pod), pod.ns, pod.name, pod.uid, policies::host_ports(pod), pod.bandwidth};
}

engine::SandboxSpec sandbox_spec(const units::State& state, bool fresh) {
  const spec::Pod& pod = state.pod;
  engine::SandboxSpec out;
  out.id = sandbox_id(pod);
  out.slice = state.plan.slice;
  out.scope = state.plan.sandbox;
  out.pod = pod_request(pod);
  out.hostname = spec::nodename(pod);
  out.short_hostname = spec::short_hostname(pod);
  out.domain = spec::pod_domain(pod);
  out.names = pod.names;
  out.host_network = pod.host_network;
  out.own_users = !pod.host_users;
  out.runtime = pod.runtime_class;
  out.fresh = fresh;
  for (const spec::Volume& v : pod.volumes)
    if (const auto* dir = std::get_if<spec::EmptyDir>(&v.source))
      out.volumes.push_back({v.name, dir->memory, dir->memory ? tmpfs_size(pod, *dir) : 0});
  return out;
}

engine::ContainerSpec container_spec(const units::State& state, const std::string& container,
                                     std::uint32_t attempt) {
  const spec::Pod& pod = state.pod;
  const spec::Container& c = find(pod, container);
  const auto plan = std::ranges::find(state.plan.containers, container, &units::ContainerPlan::name);
  engine::ContainerSpec out;
  out.name = c.name;
  out.attempt = attempt;
  out.image = c.image;
  out.command = c.command;
  out.args = c.args;
  out.env = c.env;
  out.working_dir = c.working_dir;
  out.security = c.security;
  out.stdin = c.stdin;
  out.stdin_once = c.stdin_once;
  out.tty = c.tty;
  out.sysctls = pod.sysctls;
  for (const spec::VolumeMount& m : c.volume_mounts) out.mounts.push_back(mount_of(pod, m));
  out.scope = plan->scope;
  out.oom_score_adj = plan->oom_score_adj;
  out.annotations = {{"io.kubernetes.pod.name", pod.name},
                     {"io.kubernetes.pod.namespace", pod.ns},
                     {"io.kubernetes.pod.uid", pod.uid},
                     {"io.kubernetes.container.name", c.name}};
  return out;
}

std::vector<engine::KnownContainer> known_containers(const units::State& state) {
  std::vector<engine::KnownContainer> known;
  for (const units::Container& c : state.containers)
    if (c.run == units::Run::starting || c.run == units::Run::running || c.run == units::Run::stopping)
      known.push_back(
          {c.name, c.attempt, c.pid, units::container_scope(state.pod.ns, state.pod.name, c.name)});
  return known;
}

}  // namespace podsd::agent

// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/own_cgroup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/runtime/cgroup_owner.hpp"
#include "agent/runtime/device_filter.hpp"
#include "agent/runtime/device_rules.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/scope_program.hpp"
#include "agent/runtime/unit_properties.hpp"

namespace podsd::runtime {
namespace {

// What every scope has beside its limits. Delegated, since the container may make cgroups below.
std::vector<std::string> scope_properties(const std::string& id) {
  std::vector<std::string> properties = {"Description=s:container " + id, "Delegate=b:true",
                                         "DefaultDependencies=b:false"};
  for (const char* name : {"MemoryAccounting", "CPUAccounting", "IOAccounting", "TasksAccounting"})
    properties.push_back(std::string(name) + "=b:true");
  return properties;
}

// user_namespaces(7): in the first one there is a single line that maps all ids to themselves.
bool in_user_namespace() {
  UniqueFd map(open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC));
  char text[64] = {};
  ssize_t n = map ? read(map.get(), text, sizeof text - 1) : 0;
  return n > 0 && std::string_view(text).find("4294967295") == std::string_view::npos;
}

}  // namespace

Result<OwnCgroup> OwnCgroup::plan(const Options& options, const Config& config) {
  OwnCgroup own;
  auto mine = options.systemd_cgroup ? Result<std::string>("") : std::string();
  if (!options.systemd_cgroup && !config.cgroups_path.starts_with('/') &&
      (!config.cgroups_path.empty() || config.resources))
    mine = cgroup_path_of("self");
  if (!mine) return std::unexpected(mine.error());
  auto target = cgroup_target(config.cgroups_path, options.systemd_cgroup, config.resources.has_value(),
                              options.id, *mine, geteuid() == 0);
  if (!target) return std::unexpected(target.error());
  own.target_ = std::move(*target);
  if (own.is_callers()) return own;
  const Resources resources = config.resources.value_or(Resources());
  auto values = cgroup_values(resources);
  if (!values) return fail("linux.resources", {}, values.error());
  own.values_ = std::move(*values);
  own.devices_ = with_default_devices(resources.devices);
  own.in_user_namespace_ = in_user_namespace();
  own.owner_ = cgroup_owner(config);
  if (!own.adopts()) return own;
  auto properties = unit_properties(resources);
  if (!properties) return fail("linux.resources", {}, properties.error());
  own.properties_ = scope_properties(options.id);
  own.properties_.insert(own.properties_.end(), properties->begin(), properties->end());
  for (auto& one : device_unit_properties(own.devices_)) own.properties_.push_back(std::move(one));
  return own;
}

Result<void> OwnCgroup::limit() const {
  if (auto done = cgroup_->apply(values_); !done) return fail("linux.resources", {}, done.error());
  auto done = attach_device_program(*cgroup_, device_program(devices_));
  // In a user namespace nobody may load such a program, nor make device files that it would be needed for.
  if (!done && !in_user_namespace_) return fail("linux.resources", {}, done.error());
  return owner_ ? cgroup_->give_to(*owner_) : Result<void>();
}

std::vector<std::string_view> OwnCgroup::controllers() const {
  std::vector<std::string_view> needed;
  for (const auto& value : values_) needed.push_back(controller_of(value.file));
  return needed;
}

Result<void> OwnCgroup::prepare() {
  if (target_.path.empty()) return {};
  auto made = Cgroup::make(target_.path, controllers());
  if (!made) return std::unexpected(made.error());
  cgroup_.emplace(std::move(*made));
  return limit();
}

Result<void> OwnCgroup::adopt(int pid) {
  if (target_.scope.empty()) return {};
  if (auto done = start_scope(target_.scope, target_.slice, pid, properties_); !done) return done;
  started_ = true;
  // systemd has said "done", yet only the kernel knows.
  auto path = cgroup_path_of(std::to_string(pid));
  if (!path) return std::unexpected(path.error());
  if (!path->ends_with("/" + target_.scope))
    return fail("systemd did not move the container into its scope", *path);
  auto opened = Cgroup::open(*path);
  if (!opened) return std::unexpected(opened.error());
  cgroup_.emplace(std::move(*opened));
  cgroup_->let_in(controllers());
  return limit();
}

const UniqueFd* OwnCgroup::birthplace() const {
  return cgroup_ && !adopts() ? &cgroup_->folder() : nullptr;
}

void OwnCgroup::undo() {
  if (started_) {
    static_cast<void>(stop_scope(target_.scope));
  } else if (cgroup_) {
    static_cast<void>(cgroup_->kill());
    cgroup_->unmake();
  }
}

void OwnCgroup::note(State& state) const {
  state.cgroup = cgroup_ ? cgroup_->path() : target_.path;
  state.scope = target_.scope;
}

Result<Cgroup> own_cgroup(const State& state) {
  if (state.cgroup.empty()) return fail("the container has no cgroup of its own");
  return Cgroup::open(state.cgroup);
}

Result<void> remove_cgroup(const State& state) {
  if (!state.cgroup.empty()) {
    auto cgroup = own_cgroup(state);
    if (!cgroup && cgroup.error().code != ENOENT) return std::unexpected(cgroup.error());
    if (cgroup && state.pid != 0)
      if (auto done = cgroup->kill(); !done && done.error().code != ENOENT) return done;
    if (cgroup && state.scope.empty())
      if (auto done = cgroup->remove(); !done) return done;
  }
  return state.scope.empty() || state.pid == 0 ? Result<void>() : stop_scope(state.scope);
}

}  // namespace podsd::runtime

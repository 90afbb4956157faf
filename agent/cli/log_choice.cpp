// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/log_choice.hpp"

#include <algorithm>
#include <vector>

#include "agent/kube/text.hpp"
#include "units/names.hpp"

namespace podsd::cli {
namespace {

std::vector<std::string> names(const Json& containers) {
  std::vector<std::string> out;
  for (const Json& container : containers) out.push_back(text(container, "name"));
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

const Json& status_of(const Json& pod, const std::string& container) {
  static const Json none;
  for (const char* key : {"containerStatuses", "initContainerStatuses"}) {
    for (const Json& status : list(field(pod, "status"), key)) {
      if (text(status, "name") == container) return status;
    }
  }
  return none;
}

std::int64_t time(const Json& object, const char* key) {
  return kube::parse_time(text(object, key)).value_or(0);
}

Run ended_run(std::string unit, const Json& terminated) {
  return {Run::Kind::ended, std::move(unit), time(terminated, "startedAt"), time(terminated, "finishedAt")};
}

}  // namespace

Result<ContainerChoice> choose_container(const Json& pod, const std::string& wanted) {
  const std::vector<std::string> apps = names(list(field(pod, "spec"), "containers"));
  const std::vector<std::string> inits = names(list(field(pod, "spec"), "initContainers"));
  const std::string pod_name = text(field(pod, "metadata"), "name");
  if (!wanted.empty()) {
    if (holds(apps, wanted) || holds(inits, wanted)) return ContainerChoice{wanted, ""};
    return fail("pod \"" + pod_name + "\" has no container \"" + wanted + "\"; it has " + joined(apps) +
                (inits.empty() ? "" : ", " + joined(inits) + " (init)"));
  }
  if (apps.empty()) return fail("pod \"" + pod_name + "\" has no containers");
  const Json& annotations = field(field(pod, "metadata"), "annotations");
  const std::string marked = text(annotations, "kubectl.kubernetes.io/default-container");
  if (holds(apps, marked) || holds(inits, marked)) return ContainerChoice{marked, ""};
  if (apps.size() == 1 && inits.empty()) return ContainerChoice{apps[0], ""};
  std::string all = joined(apps);
  for (const std::string& init : inits) all += ", " + init + " (init)";
  return ContainerChoice{apps[0], "Defaulted container \"" + apps[0] + "\" out of: " + all};
}

Result<Run> choose_run(const Json& pod, const std::string& container, bool previous) {
  const Json& metadata = field(pod, "metadata");
  const std::string pod_name = text(metadata, "name");
  const Json& status = status_of(pod, container);
  std::string unit = text(status, "unit");
  if (unit.empty()) unit = units::container_scope(text(metadata, "namespace"), pod_name, container);
  const std::string who = "container \"" + container + "\" in pod \"" + pod_name + "\"";
  const Json& state = field(status, "state");
  const Json& last = field(field(status, "lastState"), "terminated");
  if (previous) {
    if (!last.is_object()) return fail(who + " has no previous run");
    return ended_run(unit, last);
  }
  if (const Json& running = field(state, "running"); running.is_object()) {
    return Run{Run::Kind::running, unit, time(running, "startedAt"), 0};
  }
  const Json& ended = field(state, "terminated");
  // A start that failed leaves a terminated state without a run: no startedAt.
  if (ended.is_object() && (time(ended, "startedAt") != 0 || !last.is_object()))
    return ended_run(unit, ended);
  if (last.is_object()) return ended_run(unit, last);
  const std::string reason = text(field(state, "waiting"), "reason");
  return fail(who + " is waiting to start" + (reason.empty() ? "" : ": " + reason));
}

bool is_over(const Json& pod) {
  const std::string phase = text(field(pod, "status"), "phase");
  return phase == "Succeeded" || phase == "Failed";
}

}  // namespace podsd::cli

// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/pod_row.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "agent/cli/duration.hpp"
#include "agent/kube/text.hpp"

namespace podsd::cli {
namespace {

/// Restarts and the end of the last run, over some containers.
struct Restarts {
  std::int64_t count = 0;
  std::int64_t last = 0;  ///< microseconds since the epoch; 0: never

  void add(const Json& container) {
    count += number(container, "restartCount");
    const std::string end = text(field(field(container, "lastState"), "terminated"), "finishedAt");
    last = std::max(last, kube::parse_time(end).value_or(0));
  }
};

bool condition_is(const Json& pod, const char* type, const char* value) {
  return std::ranges::any_of(list(field(pod, "status"), "conditions"), [&](const Json& condition) {
    return text(condition, "type") == type && text(condition, "status") == value;
  });
}

std::string end_text(const Json& terminated) {
  const std::string reason = text(terminated, "reason");
  if (!reason.empty()) return reason;
  const std::int64_t signal = number(terminated, "signal");
  if (signal != 0) return "Signal:" + std::to_string(signal);
  return "ExitCode:" + std::to_string(number(terminated, "exitCode"));
}

/// Whether the init container of that name is a sidecar (KEP-753).
bool is_sidecar(const Json& pod, const std::string& name) {
  return std::ranges::any_of(list(field(pod, "spec"), "initContainers"), [&](const Json& container) {
    return text(container, "name") == name && text(container, "restartPolicy") == "Always";
  });
}

/// One row in the making; kubectl's printPod is the model of its order of precedence.
class Printer {
 public:
  explicit Printer(const Json& pod) : pod_(pod), status_(field(pod, "status")) {
    reason_ = text(status_, "phase");
    if (const std::string reason = text(status_, "reason"); !reason.empty()) reason_ = reason;
    total_ = list(field(pod, "spec"), "containers").size();
    for (const Json& c : list(field(pod, "spec"), "initContainers")) {
      if (text(c, "restartPolicy") == "Always") ++total_;
    }
  }

  void run() {
    const bool initializing = init_containers();
    if (!initializing || condition_is(pod_, "Initialized", "True")) app_containers();
    const std::string phase = text(status_, "phase");
    const bool leaving = !text(field(pod_, "metadata"), "deletionTimestamp").empty() ||
                         text(status_, "reason") == "Terminating";
    if (leaving && phase != "Succeeded" && phase != "Failed") reason_ = "Terminating";
  }

  [[nodiscard]] std::string ready() const { return std::to_string(ready_) + "/" + std::to_string(total_); }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] const Restarts& restarts() const { return restarts_; }

 private:
  /// The first init container that has not done its part names the reason; gives whether there is one.
  bool init_containers() {
    const Json& all = list(status_, "initContainerStatuses");
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::optional<std::string> found = init_reason(all[i], i);
      if (!found) continue;
      reason_ = "Init:" + *found;
      return true;
    }
    return false;
  }

  /// What holds the pod at this init container; nothing where it is done or, a sidecar, started.
  std::optional<std::string> init_reason(const Json& container, std::size_t index) {
    restarts_.add(container);
    const bool sidecar = is_sidecar(pod_, text(container, "name"));
    if (sidecar) sidecar_restarts_.add(container);
    const Json& ended = field(field(container, "state"), "terminated");
    if (ended.is_object() && number(ended, "exitCode") == 0) return std::nullopt;
    if (sidecar && flag(container, "started")) {
      if (flag(container, "ready")) ++ready_;
      return std::nullopt;
    }
    if (ended.is_object()) return end_text(ended);
    const std::string waiting = text(field(field(container, "state"), "waiting"), "reason");
    if (!waiting.empty() && waiting != "PodInitializing") return waiting;
    return std::to_string(index) + "/" + std::to_string(list(field(pod_, "spec"), "initContainers").size());
  }

  void app_containers() {
    restarts_ = sidecar_restarts_;
    bool running = false;
    const Json& all = list(status_, "containerStatuses");
    // From the last to the first: the first container's reason is the one that stays.
    for (auto at = all.rbegin(); at != all.rend(); ++at) {
      restarts_.add(*at);
      const Json& state = field(*at, "state");
      const std::string waiting = text(field(state, "waiting"), "reason");
      if (!waiting.empty()) {
        reason_ = waiting;
      } else if (field(state, "terminated").is_object()) {
        reason_ = end_text(field(state, "terminated"));
      } else if (flag(*at, "ready") && field(state, "running").is_object()) {
        running = true;
        ++ready_;
      }
    }
    if (reason_ == "Completed" && running) {
      reason_ = condition_is(pod_, "Ready", "True") ? "Running" : "NotReady";
    }
  }

  const Json& pod_;
  const Json& status_;
  std::string reason_;
  std::size_t ready_ = 0;
  std::size_t total_ = 0;
  Restarts restarts_;
  Restarts sidecar_restarts_;
};

/// "192.0.2.1:8080->80/TCP": where the host leads to the pod, or the pod's own port alone.
std::string ports_text(const Json& pod) {
  std::string out;
  for (const Json& container : list(field(pod, "spec"), "containers"))
    for (const Json& port : list(container, "ports")) {
      const std::string ip = text(port, "hostIP");
      const std::string own = std::to_string(number(port, "containerPort")) + "/" + text(port, "protocol");
      out += out.empty() ? "" : ",";
      if (number(port, "hostPort") != 0) {
        if (!ip.empty()) out += (ip.find(':') == std::string::npos ? ip : "[" + ip + "]") + ":";
        out += std::to_string(number(port, "hostPort")) + "->";
      }
      out += own;
    }
  return out.empty() ? "<none>" : out;
}

}  // namespace

PodRow pod_row(const Json& pod, std::int64_t now) {
  Printer printer(pod);
  printer.run();
  const Json& metadata = field(pod, "metadata");
  PodRow row{
      text(metadata, "namespace"), text(metadata, "name"), printer.ready(), printer.reason(), "", "", "", ""};
  const Restarts& restarts = printer.restarts();
  row.restarts = std::to_string(restarts.count);
  if (restarts.count != 0 && restarts.last != 0)
    row.restarts += " (" + age_text(now - restarts.last) + " ago)";
  const auto created = kube::parse_time(text(metadata, "creationTimestamp"));
  row.age = created ? age_text(now - *created) : "<unknown>";
  for (const Json& ip : list(field(pod, "status"), "podIPs"))
    row.ip += (row.ip.empty() ? "" : ",") + text(ip, "ip");
  if (row.ip.empty()) row.ip = "<none>";
  row.ports = ports_text(pod);
  return row;
}

Tone status_tone(const std::string& status) {
  if (status == "Running" || status == "Completed" || status == "Succeeded") return Tone::good;
  constexpr std::array busy{"Pending",     "ContainerCreating", "PodInitializing", "NotReady",
                            "Terminating", "Stopped",           "Stopping"};
  if (std::ranges::find(busy, status) != busy.end()) return Tone::busy;
  const bool counting =
      status.starts_with("Init:") && status.size() > 5 && status[5] >= '0' && status[5] <= '9';
  return counting ? Tone::busy : Tone::bad;
}

std::vector<std::string> pod_notes(const Json& pod) {
  std::vector<std::string> notes;
  if (text(field(pod, "status"), "reason") == "ManifestRefused") {
    std::istringstream message(text(field(pod, "status"), "message"));
    for (std::string line; std::getline(message, line);) notes.push_back(line);
  }
  for (const Json& condition : list(field(pod, "status"), "conditions")) {
    if (text(condition, "status") != "False") continue;
    const bool manifest = text(condition, "type") == "ManifestValid";
    if (!manifest && text(condition, "type") != "LimitsBound") continue;
    std::istringstream message(text(condition, "message"));
    for (std::string line; std::getline(message, line);) {
      notes.push_back(manifest ? line : "warning: " + line);
    }
    const bool runs = !list(field(pod, "status"), "containerStatuses").empty();
    if (manifest && runs && !notes.empty()) notes.back() += " (the last good manifest runs on)";
  }
  return notes;
}

}  // namespace podsd::cli

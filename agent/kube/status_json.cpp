// SPDX-License-Identifier: Apache-2.0
#include "agent/kube/parts.hpp"

namespace podsd::kube {
namespace {

using Json = nlohmann::ordered_json;
using units::ContainerState;

const char* text(units::Phase phase) {
  switch (phase) {
    case units::Phase::pending:
      return "Pending";
    case units::Phase::running:
      return "Running";
    case units::Phase::succeeded:
      return "Succeeded";
    case units::Phase::failed:
      return "Failed";
  }
  return "Unknown";
}

Json condition_json(const units::Condition& condition) {
  Json out = Json::object();
  put(out, "type", condition.type);
  out["status"] = condition.status ? "True" : "False";
  put_time(out, "lastTransitionTime", condition.last_transition);
  put(out, "reason", condition.reason);
  put(out, "message", condition.message);
  return out;
}

Json terminated_json(const units::Terminated& end) {
  Json out = Json::object();
  out["exitCode"] = end.exit_code;
  if (end.signal != 0) out["signal"] = end.signal;
  put(out, "reason", end.reason);
  put(out, "message", end.message);
  put_time(out, "startedAt", end.started_at);
  put_time(out, "finishedAt", end.finished_at);
  put(out, "containerID", end.container_id);
  return out;
}

Json state_json(const ContainerState& state) {
  Json inner = Json::object();
  if (state.kind == ContainerState::Kind::terminated) {
    return Json{{"terminated", terminated_json(state.terminated.value_or(units::Terminated{}))}};
  }
  if (state.kind == ContainerState::Kind::running) {
    put_time(inner, "startedAt", state.started_at);
    return Json{{"running", std::move(inner)}};
  }
  put(inner, "reason", state.reason);
  put(inner, "message", state.message);
  return Json{{"waiting", std::move(inner)}};
}

Json container_status_json(const units::ContainerStatus& status) {
  Json out = Json::object();
  put(out, "name", status.name);
  out["state"] = state_json(status.state);
  out["lastState"] = Json::object();
  if (status.last_state) out["lastState"]["terminated"] = terminated_json(*status.last_state);
  out["ready"] = status.ready;
  out["restartCount"] = status.restart_count;
  out["image"] = utf8_text(status.image);
  out["imageID"] = utf8_text(status.image_id);
  put(out, "containerID", status.container_id);
  out["started"] = status.started;
  put(out, "unit", status.unit);
  if (status.pid != 0) out["pid"] = status.pid;
  return out;
}

void put_ips(Json& out, const char* key, const char* list_key, const std::vector<std::string>& ips) {
  if (ips.empty()) return;
  out[key] = utf8_text(ips.front());
  for (const std::string& ip : ips) out[list_key].push_back(Json{{"ip", utf8_text(ip)}});
}

}  // namespace

Json status_json(const units::PodStatus& status) {
  Json out = Json::object();
  out["phase"] = text(status.phase);
  for (const auto& condition : status.conditions) out["conditions"].push_back(condition_json(condition));
  put(out, "message", status.message);
  put(out, "reason", status.reason);
  if (!status.host_ip.empty()) put_ips(out, "hostIP", "hostIPs", {status.host_ip});
  put_ips(out, "podIP", "podIPs", status.pod_ips);
  put_time(out, "startTime", status.start_time);
  for (const auto& container : status.init_containers) {
    out["initContainerStatuses"].push_back(container_status_json(container));
  }
  for (const auto& container : status.containers) {
    out["containerStatuses"].push_back(container_status_json(container));
  }
  put(out, "qosClass", status.qos_class);
  if (status.first_id != 0) out["userNamespace"] = {{"hostID", status.first_id}, {"size", 65536}};
  return out;
}

}  // namespace podsd::kube

// SPDX-License-Identifier: Apache-2.0
#include "agent/kube/pod_json.hpp"

#include "agent/kube/parts.hpp"

namespace podsd::kube {
namespace {

using Json = nlohmann::ordered_json;

void put_map(Json& object, const char* key, const std::map<std::string, std::string>& map) {
  for (const auto& [name, value] : map) object[key][utf8_text(name)] = utf8_text(value);
}

Json metadata_json(const spec::Pod& pod, const units::PodStatus& status) {
  Json out = Json::object();
  put(out, "name", pod.name);
  put(out, "namespace", pod.ns);
  put(out, "uid", pod.uid);
  put_time(out, "creationTimestamp", status.start_time);
  put_map(out, "labels", pod.labels);
  put_map(out, "annotations", pod.annotations);
  return out;
}

}  // namespace

Json pod_json(const spec::Pod& pod, const units::PodStatus& status) {
  Json out = Json::object();
  out["apiVersion"] = "v1";
  out["kind"] = "Pod";
  out["metadata"] = metadata_json(pod, status);
  out["spec"] = spec_json(pod);
  out["status"] = status_json(status);
  return out;
}

}  // namespace podsd::kube

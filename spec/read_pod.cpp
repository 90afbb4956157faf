// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "spec/names.hpp"
#include "spec/read.hpp"

namespace podsd::spec {
namespace {

constexpr std::size_t max_annotation_bytes = std::size_t{256} * 1024;  // of all together, as the API has it

std::string read_named(const Reader& reader, std::string_view name, std::string (*check)(std::string_view)) {
  const Reader field = reader.field(name, Type::text);
  if (!field.present() || field.node().text.empty()) return "";
  field.expect(check(field.node().text));
  return field.node().text;
}

std::map<std::string, std::string> read_map(const Reader& map, bool labels) {
  std::map<std::string, std::string> out;
  std::size_t bytes = 0;
  if (!map.present()) return out;
  for (const Node::Entry& entry : map.node().entries) {
    const std::string expected = check_qualified_name(entry.key);
    if (!expected.empty())
      map.findings().error(entry.position, map.path(),
                           "found the key " + excerpt(entry.key) + ", expected " + expected);
    if (!entry.value.scalar()) continue;
    if (labels) map.entry(entry).expect(check_label_value(entry.value.text));
    bytes += entry.key.size() + entry.value.text.size();
    out.emplace(entry.key, entry.value.text);
  }
  if (!labels && bytes > max_annotation_bytes)
    map.error("found " + std::to_string(bytes) + " bytes, expected at most " +
              std::to_string(max_annotation_bytes));
  return out;
}

void read_metadata(const Reader& reader, Pod& pod) {
  if (reader.require("name", "the pod's name")) pod.name = read_named(reader, "name", check_subdomain);
  if (const std::string ns = read_named(reader, "namespace", check_label); !ns.empty()) pod.ns = ns;
  pod.uid = read_named(reader, "uid", check_uid);
  pod.labels = read_map(reader.field("labels", Type::text_map), true);
  pod.annotations = read_map(reader.field("annotations", Type::text_map), false);
}

void read_volumes(const Reader& list, Pod& pod) {
  std::set<std::string> names;
  if (!list.present()) return;
  for (std::size_t i = 0; i < list.node().items.size(); ++i) {
    const Reader item = list.item(i);
    if (item.node().kind != Node::Kind::mapping) continue;
    pod.volumes.push_back(read_volume(item));
    const std::string& name = pod.volumes.back().name;
    if (!name.empty() && !names.insert(name).second)
      item.field("name", Type::text).error("two volumes are named " + excerpt(name));
  }
}

class ContainerLists {
 public:
  ContainerLists(Pod& pod, SecurityContext base) : pod_(pod), base_(base) {}

  void read(const Reader& list, std::vector<Container>& out) {
    if (!list.present()) return;
    for (std::size_t i = 0; i < list.node().items.size(); ++i) {
      const Reader item = list.item(i);
      if (item.node().kind != Node::Kind::mapping) continue;
      Container container = read_container(item, pod_);
      container.security = read_security(item.field("securityContext", Type::object), base_);
      if (!container.name.empty() && !names_.insert(container.name).second)
        item.field("name", Type::text).error("two containers are named " + excerpt(container.name));
      if (&out == &pod_.init_containers) warn_host_ports(item);
      out.push_back(std::move(container));
    }
  }

 private:
  /// As in the kubelet: nothing leads to a container that ends before the others start.
  static void warn_host_ports(const Reader& container) {
    const Reader ports = container.field("ports", Type::objects);
    if (!ports.present()) return;
    for (std::size_t i = 0; i < ports.node().items.size(); ++i)
      if (const Reader port = ports.item(i).field("hostPort", Type::integer); port.present())
        port.warning("has no effect in an init container");
  }

  Pod& pod_;
  SecurityContext base_;
  std::set<std::string> names_;
};

void read_spec(const Reader& spec, Pod& pod) {
  static constexpr std::pair<std::string_view, RestartPolicy> policies[] = {
      {"Always", RestartPolicy::always},
      {"OnFailure", RestartPolicy::on_failure},
      {"Never", RestartPolicy::never}};
  pod.restart_policy = read_choice(spec.field("restartPolicy", Type::text), policies, RestartPolicy::always);
  pod.termination_grace_period_seconds =
      spec.integer("terminationGracePeriodSeconds", 0, 2147483647).value_or(30);
  pod.host_network = spec.flag("hostNetwork", false);
  pod.host_users = spec.flag("hostUsers", true);
  if (!pod.host_users) check_own_users(spec);
  pod.runtime_class = read_named(spec, "runtimeClassName", check_subdomain);
  read_names(spec, pod);
  read_volumes(spec.field("volumes", Type::objects), pod);

  const Reader security = spec.field("securityContext", Type::object);
  const SecurityContext base = read_security(security, {});
  if (security.present())
    pod.sysctls = read_sysctls(security.field("sysctls", Type::objects), pod.host_network);
  ContainerLists lists(pod, base);
  lists.read(spec.field("initContainers", Type::objects), pod.init_containers);
  const Reader containers = spec.field("containers", Type::objects);
  lists.read(containers, pod.containers);
  if (containers.present() && containers.node().items.empty())
    containers.error("found an empty list, expected at least one container");
  if (!containers.present()) (void)spec.require("containers", "a list with at least one container");
}

}  // namespace

Pod read_pod(const Reader& root) {
  Pod pod;
  pod.position = root.position();
  if (root.require("metadata", "a mapping with the pod's name"))
    if (const Reader metadata = root.field("metadata", Type::object); metadata.present())
      read_metadata(metadata, pod);
  if (root.require("spec", "a mapping with the pod's containers"))
    if (const Reader spec = root.field("spec", Type::object); spec.present()) read_spec(spec, pod);
  if (const Reader metadata = root.field("metadata", Type::object); metadata.present())
    pod.bandwidth = read_bandwidth(metadata.field("annotations", Type::text_map), pod.host_network);
  return pod;
}

}  // namespace podsd::spec

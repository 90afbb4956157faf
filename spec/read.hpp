// SPDX-License-Identifier: Apache-2.0
// From a checked Node tree to a Pod: what the API's validation asks beyond names and types, and its
// defaults. Values of a wrong type are reported by check_object before; here they count as absent.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/check.hpp"
#include "spec/findings.hpp"
#include "spec/node.hpp"

namespace podsd::spec {

/// A node and its field path, for reading its fields one by one.
class Reader {
 public:
  Reader(const Node* node, std::string path, Findings& findings)
      : node_(node), path_(std::move(path)), findings_(&findings) {}

  [[nodiscard]] bool present() const { return node_ != nullptr; }
  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Position position() const { return node_ != nullptr ? node_->position : Position{}; }
  [[nodiscard]] Findings& findings() const { return *findings_; }

  /// The field `name` if it is of `type`, else a Reader that is not present.
  [[nodiscard]] Reader field(std::string_view name, Type type) const;
  [[nodiscard]] Reader item(std::size_t index) const {
    return {&node_->items[index], join(path_, index), *findings_};
  }
  [[nodiscard]] Reader entry(const Node::Entry& entry) const {
    return {&entry.value, join(path_, entry.key), *findings_};
  }
  /// Whether the field stands in the manifest with any value but null.
  [[nodiscard]] bool has(std::string_view name) const {
    return node_ != nullptr && node_->find(name) != nullptr;
  }

  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name, bool otherwise) const;
  /// Reports what is outside of [low, high].
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t low,
                                                    std::int64_t high) const;

  /// The node itself, an integer. Reports what is outside of [low, high].
  [[nodiscard]] std::optional<std::int64_t> whole(std::int64_t low, std::int64_t high) const;

  void error(const std::string& message) const { findings_->error(position(), path_, message); }
  void warning(const std::string& message) const { findings_->warning(position(), path_, message); }
  /// "found …, expected `expectation`", unless that is empty.
  void expect(const std::string& expectation) const;
  /// Reports the field as missing, if it is.
  bool require(std::string_view name, std::string_view what) const;

 private:
  const Node* node_;
  std::string path_;
  Findings* findings_;
};

[[nodiscard]] Pod read_pod(const Reader& root);
[[nodiscard]] Container read_container(const Reader& reader, const Pod& pod);
/// The ports of a container of `pod`, of which earlier containers are known.
[[nodiscard]] std::vector<ContainerPort> read_ports(const Reader& list, const Pod& pod);
/// The pod's annotations that limit its traffic, within the kubelet's bounds (pkg/util/bandwidth).
[[nodiscard]] Bandwidth read_bandwidth(const Reader& annotations, bool host_network);
/// A securityContext over that of its pod.
[[nodiscard]] SecurityContext read_security(const Reader& reader, SecurityContext base);
/// Reports what a pod with hostUsers: false cannot have: namespaces of the host, ids beyond 65535.
void check_own_users(const Reader& spec);
/// PodSecurityContext.sysctls: those that Kubernetes calls safe.
[[nodiscard]] std::map<std::string, std::string> read_sysctls(const Reader& list, bool host_network);
/// What the pod says about names; metadata and hostNetwork must be there already.
void read_names(const Reader& spec, Pod& pod);
/// The image reference in the field `reference`, and the policy in `policy`: Always for :latest or no tag,
/// else IfNotPresent, where it is absent.
[[nodiscard]] ImageVolume read_image(const Reader& reader, const char* reference, const char* policy);
[[nodiscard]] Resources read_resources(const Reader& reader);
[[nodiscard]] Volume read_volume(const Reader& reader);
/// A memory quantity in bytes.
[[nodiscard]] std::optional<std::int64_t> read_bytes(const Reader& reader);

/// The value that `table` names, or `otherwise` for an absent field; other texts are reported with what is
/// known.
template <typename T, std::size_t N>
[[nodiscard]] T read_choice(const Reader& field, const std::pair<std::string_view, T> (&table)[N],
                            T otherwise) {
  if (!field.present()) return otherwise;
  std::string known;
  for (const auto& [name, value] : table) {
    if (field.node().text == name) return value;
    if (!name.empty()) known += (known.empty() ? "" : ", ") + std::string(name);
  }
  field.expect("one of " + known);
  return otherwise;
}

}  // namespace podsd::spec

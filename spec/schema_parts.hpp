// SPDX-License-Identifier: Apache-2.0
// The tables behind pod_rule, by the part of the API that they describe.
#pragma once

#include "spec/schema.hpp"

namespace podsd::spec {

constexpr FieldRule yes(std::string_view name, Type type) {
  return {name, Support::supported, type, nullptr, "", ""};
}
constexpr FieldRule yes(std::string_view name, const ObjectRule& object) {
  return {name, Support::supported, Type::object, &object, "", ""};
}
constexpr FieldRule list(std::string_view name, const ObjectRule& object) {
  return {name, Support::supported, Type::objects, &object, "", ""};
}
/// Ignored with a warning.
constexpr FieldRule moot(FieldRule field, std::string_view harmless = "", std::string_view note = "") {
  return {field.name, Support::ignored, field.type, field.object, harmless, note};
}
/// Refused as not supported yet.
constexpr FieldRule no(FieldRule field, std::string_view harmless = "", std::string_view note = "") {
  return {field.name, Support::refused, field.type, field.object, harmless, note};
}

inline constexpr std::string_view by_server = "set by an API server";

extern const ObjectRule object_meta_rule;
extern const ObjectRule label_selector_rule;
extern const ObjectRule pod_spec_rule;
extern const ObjectRule pod_security_context_rule;
extern const ObjectRule container_rule;
extern const ObjectRule resources_rule;
extern const ObjectRule security_context_rule;
extern const ObjectRule selinux_rule;
extern const ObjectRule windows_options_rule;
extern const ObjectRule local_profile_rule;
extern const ObjectRule probe_rule;
extern const ObjectRule lifecycle_rule;
extern const ObjectRule volume_rule;
extern const ObjectRule key_to_path_rule;
extern const ObjectRule field_ref_rule;
extern const ObjectRule resource_field_ref_rule;
extern const ObjectRule local_reference_rule;
extern const ObjectRule affinity_rule;
extern const ObjectRule toleration_rule;
extern const ObjectRule spread_constraint_rule;

// Volume sources with a storage system behind them.
extern const ObjectRule gce_disk_rule, aws_disk_rule, azure_disk_rule, azure_file_rule, ceph_rule,
    cinder_rule, csi_rule, fc_rule, flex_rule, flocker_rule, git_repo_rule, gluster_rule, iscsi_rule,
    nfs_rule, photon_rule, portworx_rule, quobyte_rule, rbd_rule, scale_io_rule, storageos_rule, vsphere_rule;

}  // namespace podsd::spec

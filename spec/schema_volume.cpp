// SPDX-License-Identifier: Apache-2.0
#include "spec/schema_parts.hpp"

namespace podsd::spec {

namespace {

constexpr FieldRule key_to_path_fields[] = {
    yes("key", Type::text),
    yes("path", Type::text),
    yes("mode", Type::integer),
};
constexpr FieldRule field_ref_fields[] = {yes("apiVersion", Type::text), yes("fieldPath", Type::text)};
constexpr FieldRule resource_field_ref_fields[] = {
    yes("containerName", Type::text),
    yes("resource", Type::text),
    yes("divisor", Type::quantity),
};
constexpr FieldRule local_reference_fields[] = {yes("name", Type::text)};

constexpr FieldRule config_map_fields[] = {
    yes("name", Type::text),
    list("items", key_to_path_rule),
    yes("defaultMode", Type::integer),
    yes("optional", Type::boolean),
};
constexpr ObjectRule config_map_rule{config_map_fields};
constexpr FieldRule secret_fields[] = {
    yes("secretName", Type::text),
    list("items", key_to_path_rule),
    yes("defaultMode", Type::integer),
    yes("optional", Type::boolean),
};
constexpr ObjectRule secret_rule{secret_fields};
constexpr FieldRule downward_file_fields[] = {
    yes("path", Type::text),
    yes("fieldRef", field_ref_rule),
    yes("resourceFieldRef", resource_field_ref_rule),
    yes("mode", Type::integer),
};
constexpr ObjectRule downward_file_rule{downward_file_fields};
constexpr FieldRule downward_fields[] = {
    list("items", downward_file_rule),
    yes("defaultMode", Type::integer),
};
constexpr ObjectRule downward_rule{downward_fields};

constexpr FieldRule projected_item_fields[] = {
    yes("name", Type::text),
    list("items", key_to_path_rule),
    yes("optional", Type::boolean),
};
constexpr ObjectRule projected_item_rule{projected_item_fields};
constexpr FieldRule projected_downward_fields[] = {list("items", downward_file_rule)};
constexpr ObjectRule projected_downward_rule{projected_downward_fields};
constexpr FieldRule token_fields[] = {
    yes("audience", Type::text),
    yes("expirationSeconds", Type::integer),
    yes("path", Type::text),
};
constexpr ObjectRule token_rule{token_fields};
constexpr FieldRule trust_bundle_fields[] = {
    yes("name", Type::text),        yes("signerName", Type::text), yes("labelSelector", label_selector_rule),
    yes("optional", Type::boolean), yes("path", Type::text),
};
constexpr ObjectRule trust_bundle_rule{trust_bundle_fields};
constexpr FieldRule projection_fields[] = {
    yes("secret", projected_item_rule),           yes("configMap", projected_item_rule),
    yes("downwardAPI", projected_downward_rule),  yes("serviceAccountToken", token_rule),
    yes("clusterTrustBundle", trust_bundle_rule), yes("podCertificate", Type::any),
};
constexpr ObjectRule projection_rule{projection_fields};
constexpr FieldRule projected_fields[] = {
    list("sources", projection_rule),
    yes("defaultMode", Type::integer),
};
constexpr ObjectRule projected_rule{projected_fields};

constexpr FieldRule empty_dir_fields[] = {yes("medium", Type::text), yes("sizeLimit", Type::quantity)};
constexpr ObjectRule empty_dir_rule{empty_dir_fields};
constexpr FieldRule host_path_fields[] = {yes("path", Type::text), yes("type", Type::text)};
constexpr ObjectRule host_path_rule{host_path_fields};
constexpr FieldRule image_fields[] = {yes("reference", Type::text), yes("pullPolicy", Type::text)};
constexpr ObjectRule image_rule{image_fields};
constexpr FieldRule claim_fields[] = {yes("claimName", Type::text), yes("readOnly", Type::boolean)};
constexpr ObjectRule claim_rule{claim_fields};
constexpr FieldRule template_fields[] = {yes("metadata", Type::any), yes("spec", Type::any)};
constexpr ObjectRule template_rule{template_fields};
constexpr FieldRule ephemeral_fields[] = {yes("volumeClaimTemplate", template_rule)};
constexpr ObjectRule ephemeral_rule{ephemeral_fields};

constexpr FieldRule volume_fields[] = {
    yes("name", Type::text),
    yes("emptyDir", empty_dir_rule),
    yes("hostPath", host_path_rule),
    yes("image", image_rule),
    no(yes("configMap", config_map_rule)),
    no(yes("secret", secret_rule)),
    no(yes("projected", projected_rule)),
    no(yes("downwardAPI", downward_rule)),
    no(yes("persistentVolumeClaim", claim_rule)),
    no(yes("ephemeral", ephemeral_rule)),
    no(yes("awsElasticBlockStore", aws_disk_rule)),
    no(yes("azureDisk", azure_disk_rule)),
    no(yes("azureFile", azure_file_rule)),
    no(yes("cephfs", ceph_rule)),
    no(yes("cinder", cinder_rule)),
    no(yes("csi", csi_rule)),
    no(yes("fc", fc_rule)),
    no(yes("flexVolume", flex_rule)),
    no(yes("flocker", flocker_rule)),
    no(yes("gcePersistentDisk", gce_disk_rule)),
    no(yes("gitRepo", git_repo_rule)),
    no(yes("glusterfs", gluster_rule)),
    no(yes("iscsi", iscsi_rule)),
    no(yes("nfs", nfs_rule)),
    no(yes("photonPersistentDisk", photon_rule)),
    no(yes("portworxVolume", portworx_rule)),
    no(yes("quobyte", quobyte_rule)),
    no(yes("rbd", rbd_rule)),
    no(yes("scaleIO", scale_io_rule)),
    no(yes("storageos", storageos_rule)),
    no(yes("vsphereVolume", vsphere_rule)),
};

}  // namespace

const ObjectRule key_to_path_rule{key_to_path_fields};
const ObjectRule field_ref_rule{field_ref_fields};
const ObjectRule resource_field_ref_rule{resource_field_ref_fields};
const ObjectRule local_reference_rule{local_reference_fields};
const ObjectRule volume_rule{volume_fields};

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
// The volume sources that need a storage system behind them. None is supported; their fields are known
// so that a misspelt one is told from one that is refused.
#include "spec/schema_parts.hpp"

namespace podsd::spec {

static constexpr FieldRule gce_disk_fields[] = {yes("pdName", Type::text), yes("fsType", Type::text),
                                                yes("partition", Type::integer),
                                                yes("readOnly", Type::boolean)};
const ObjectRule gce_disk_rule{gce_disk_fields};

static constexpr FieldRule aws_disk_fields[] = {yes("volumeID", Type::text), yes("fsType", Type::text),
                                                yes("partition", Type::integer),
                                                yes("readOnly", Type::boolean)};
const ObjectRule aws_disk_rule{aws_disk_fields};

static constexpr FieldRule azure_disk_fields[] = {yes("diskName", Type::text),    yes("diskURI", Type::text),
                                                  yes("cachingMode", Type::text), yes("fsType", Type::text),
                                                  yes("readOnly", Type::boolean), yes("kind", Type::text)};
const ObjectRule azure_disk_rule{azure_disk_fields};

static constexpr FieldRule azure_file_fields[] = {yes("secretName", Type::text), yes("shareName", Type::text),
                                                  yes("readOnly", Type::boolean)};
const ObjectRule azure_file_rule{azure_file_fields};

static constexpr FieldRule ceph_fields[] = {yes("monitors", Type::texts),
                                            yes("path", Type::text),
                                            yes("user", Type::text),
                                            yes("secretFile", Type::text),
                                            yes("secretRef", local_reference_rule),
                                            yes("readOnly", Type::boolean)};
const ObjectRule ceph_rule{ceph_fields};

static constexpr FieldRule cinder_fields[] = {yes("volumeID", Type::text), yes("fsType", Type::text),
                                              yes("readOnly", Type::boolean),
                                              yes("secretRef", local_reference_rule)};
const ObjectRule cinder_rule{cinder_fields};

static constexpr FieldRule csi_fields[] = {yes("driver", Type::text), yes("readOnly", Type::boolean),
                                           yes("fsType", Type::text), yes("volumeAttributes", Type::text_map),
                                           yes("nodePublishSecretRef", local_reference_rule)};
const ObjectRule csi_rule{csi_fields};

static constexpr FieldRule fc_fields[] = {yes("targetWWNs", Type::texts), yes("lun", Type::integer),
                                          yes("fsType", Type::text), yes("readOnly", Type::boolean),
                                          yes("wwids", Type::texts)};
const ObjectRule fc_rule{fc_fields};

static constexpr FieldRule flex_fields[] = {yes("driver", Type::text), yes("fsType", Type::text),
                                            yes("secretRef", local_reference_rule),
                                            yes("readOnly", Type::boolean), yes("options", Type::text_map)};
const ObjectRule flex_rule{flex_fields};

static constexpr FieldRule flocker_fields[] = {yes("datasetName", Type::text),
                                               yes("datasetUUID", Type::text)};
const ObjectRule flocker_rule{flocker_fields};

static constexpr FieldRule git_repo_fields[] = {yes("repository", Type::text), yes("revision", Type::text),
                                                yes("directory", Type::text)};
const ObjectRule git_repo_rule{git_repo_fields};

static constexpr FieldRule gluster_fields[] = {yes("endpoints", Type::text), yes("path", Type::text),
                                               yes("readOnly", Type::boolean)};
const ObjectRule gluster_rule{gluster_fields};

static constexpr FieldRule iscsi_fields[] = {yes("targetPortal", Type::text),
                                             yes("iqn", Type::text),
                                             yes("lun", Type::integer),
                                             yes("iscsiInterface", Type::text),
                                             yes("fsType", Type::text),
                                             yes("readOnly", Type::boolean),
                                             yes("portals", Type::texts),
                                             yes("chapAuthDiscovery", Type::boolean),
                                             yes("chapAuthSession", Type::boolean),
                                             yes("secretRef", local_reference_rule),
                                             yes("initiatorName", Type::text)};
const ObjectRule iscsi_rule{iscsi_fields};

static constexpr FieldRule nfs_fields[] = {yes("server", Type::text), yes("path", Type::text),
                                           yes("readOnly", Type::boolean)};
const ObjectRule nfs_rule{nfs_fields};

static constexpr FieldRule photon_fields[] = {yes("pdID", Type::text), yes("fsType", Type::text)};
const ObjectRule photon_rule{photon_fields};

static constexpr FieldRule portworx_fields[] = {yes("volumeID", Type::text), yes("fsType", Type::text),
                                                yes("readOnly", Type::boolean)};
const ObjectRule portworx_rule{portworx_fields};

static constexpr FieldRule quobyte_fields[] = {yes("registry", Type::text),    yes("volume", Type::text),
                                               yes("readOnly", Type::boolean), yes("user", Type::text),
                                               yes("group", Type::text),       yes("tenant", Type::text)};
const ObjectRule quobyte_rule{quobyte_fields};

static constexpr FieldRule rbd_fields[] = {yes("monitors", Type::texts),
                                           yes("image", Type::text),
                                           yes("fsType", Type::text),
                                           yes("pool", Type::text),
                                           yes("user", Type::text),
                                           yes("keyring", Type::text),
                                           yes("secretRef", local_reference_rule),
                                           yes("readOnly", Type::boolean)};
const ObjectRule rbd_rule{rbd_fields};

static constexpr FieldRule scale_io_fields[] = {yes("gateway", Type::text),
                                                yes("system", Type::text),
                                                yes("secretRef", local_reference_rule),
                                                yes("sslEnabled", Type::boolean),
                                                yes("protectionDomain", Type::text),
                                                yes("storagePool", Type::text),
                                                yes("storageMode", Type::text),
                                                yes("volumeName", Type::text),
                                                yes("fsType", Type::text),
                                                yes("readOnly", Type::boolean)};
const ObjectRule scale_io_rule{scale_io_fields};

static constexpr FieldRule storageos_fields[] = {
    yes("volumeName", Type::text), yes("volumeNamespace", Type::text), yes("fsType", Type::text),
    yes("readOnly", Type::boolean), yes("secretRef", local_reference_rule)};
const ObjectRule storageos_rule{storageos_fields};

static constexpr FieldRule vsphere_fields[] = {yes("volumePath", Type::text), yes("fsType", Type::text),
                                               yes("storagePolicyName", Type::text),
                                               yes("storagePolicyID", Type::text)};
const ObjectRule vsphere_rule{vsphere_fields};

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
#include "spec/schema_parts.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule reference_fields[] = {yes("name", Type::text), yes("optional", Type::boolean)};
constexpr ObjectRule reference_rule{reference_fields};
constexpr FieldRule key_reference_fields[] = {
    yes("name", Type::text),
    yes("key", Type::text),
    yes("optional", Type::boolean),
};
constexpr ObjectRule key_reference_rule{key_reference_fields};
constexpr FieldRule file_reference_fields[] = {
    yes("volumeName", Type::text),
    yes("path", Type::text),
    yes("key", Type::text),
    yes("optional", Type::boolean),
};
constexpr ObjectRule file_reference_rule{file_reference_fields};

constexpr FieldRule env_source_fields[] = {
    yes("fieldRef", field_ref_rule),
    yes("resourceFieldRef", resource_field_ref_rule),
    yes("configMapKeyRef", key_reference_rule),
    yes("secretKeyRef", key_reference_rule),
    yes("fileKeyRef", file_reference_rule),
};
constexpr ObjectRule env_source_rule{env_source_fields};
constexpr FieldRule env_fields[] = {
    yes("name", Type::text),
    yes("value", Type::text),
    no(yes("valueFrom", env_source_rule)),
};
constexpr ObjectRule env_rule{env_fields};
constexpr FieldRule env_from_fields[] = {
    yes("prefix", Type::text),
    yes("configMapRef", reference_rule),
    yes("secretRef", reference_rule),
};
constexpr ObjectRule env_from_rule{env_from_fields};

constexpr FieldRule port_fields[] = {
    yes("name", Type::text),        yes("containerPort", Type::integer), yes("protocol", Type::text),
    yes("hostPort", Type::integer), yes("hostIP", Type::text),
};
constexpr ObjectRule port_rule{port_fields};

constexpr FieldRule mount_fields[] = {
    yes("name", Type::text),
    yes("mountPath", Type::text),
    yes("readOnly", Type::boolean),
    yes("subPath", Type::text),
    no(yes("recursiveReadOnly", Type::text), "Disabled"),
    no(yes("subPathExpr", Type::text)),
    no(yes("mountPropagation", Type::text), "None"),
};
constexpr ObjectRule mount_rule{mount_fields};
constexpr FieldRule device_fields[] = {yes("name", Type::text), yes("devicePath", Type::text)};
constexpr ObjectRule device_rule{device_fields};

constexpr FieldRule claim_fields[] = {yes("name", Type::text), yes("request", Type::text)};
constexpr ObjectRule claim_rule{claim_fields};
constexpr FieldRule resources_fields[] = {
    yes("limits", Type::quantity_map),
    yes("requests", Type::quantity_map),
    no(list("claims", claim_rule)),
};
// Changed limits are always applied to the running container.
constexpr FieldRule resize_fields[] = {
    yes("resourceName", Type::text),
    no(yes("restartPolicy", Type::text), "NotRequired"),
};
constexpr ObjectRule resize_rule{resize_fields};

constexpr FieldRule exit_codes_fields[] = {yes("operator", Type::text), yes("values", Type::integers)};
constexpr ObjectRule exit_codes_rule{exit_codes_fields};
constexpr FieldRule restart_rule_fields[] = {yes("action", Type::text), yes("exitCodes", exit_codes_rule)};
constexpr ObjectRule restart_rule_rule{restart_rule_fields};

constexpr FieldRule container_fields[] = {
    yes("name", Type::text),
    yes("image", Type::text),
    yes("imagePullPolicy", Type::text),
    yes("command", Type::texts),
    yes("args", Type::texts),
    yes("workingDir", Type::text),
    list("env", env_rule),
    list("ports", port_rule),
    yes("resources", resources_rule),
    list("resizePolicy", resize_rule),
    list("volumeMounts", mount_rule),
    yes("securityContext", security_context_rule),
    yes("stdin", Type::boolean),
    yes("stdinOnce", Type::boolean),
    yes("tty", Type::boolean),

    no(list("envFrom", env_from_rule)),
    no(yes("lifecycle", lifecycle_rule), "{}"),
    no(yes("livenessProbe", probe_rule)),
    no(yes("readinessProbe", probe_rule)),
    no(yes("startupProbe", probe_rule)),
    no(yes("restartPolicy", Type::text)),
    no(list("restartPolicyRules", restart_rule_rule)),
    no(yes("terminationMessagePath", Type::text), "/dev/termination-log"),
    no(yes("terminationMessagePolicy", Type::text), "File"),
    no(list("volumeDevices", device_rule)),
};

}  // namespace

const ObjectRule resources_rule{resources_fields};
const ObjectRule container_rule{container_fields};

}  // namespace podsd::spec

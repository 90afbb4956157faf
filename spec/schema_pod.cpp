// SPDX-License-Identifier: Apache-2.0
#include "spec/schema_parts.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule sysctl_fields[] = {yes("name", Type::text), yes("value", Type::text)};
constexpr ObjectRule sysctl_rule{sysctl_fields};

constexpr FieldRule pod_security_context_fields[] = {
    yes("runAsUser", Type::integer),
    yes("runAsGroup", Type::integer),
    yes("runAsNonRoot", Type::boolean),
    yes("supplementalGroups", Type::integers),
    no(yes("supplementalGroupsPolicy", Type::text), "Merge"),
    no(yes("fsGroup", Type::integer)),
    no(yes("fsGroupChangePolicy", Type::text)),
    list("sysctls", sysctl_rule),
    yes("seccompProfile", local_profile_rule),
    no(yes("appArmorProfile", local_profile_rule)),
    no(yes("seLinuxOptions", selinux_rule), "{}"),
    no(yes("seLinuxChangePolicy", Type::text)),
    no(yes("windowsOptions", windows_options_rule), "{}", "this is no Windows"),
};

constexpr FieldRule host_alias_fields[] = {yes("ip", Type::text), yes("hostnames", Type::texts)};
constexpr ObjectRule host_alias_rule{host_alias_fields};

constexpr FieldRule dns_option_fields[] = {yes("name", Type::text), yes("value", Type::text)};
constexpr ObjectRule dns_option_rule{dns_option_fields};
constexpr FieldRule dns_config_fields[] = {
    yes("nameservers", Type::texts),
    yes("searches", Type::texts),
    list("options", dns_option_rule),
};
constexpr ObjectRule dns_config_rule{dns_config_fields};

constexpr FieldRule readiness_gate_fields[] = {yes("conditionType", Type::text)};
constexpr ObjectRule readiness_gate_rule{readiness_gate_fields};

constexpr FieldRule scheduling_gate_fields[] = {yes("name", Type::text)};
constexpr ObjectRule scheduling_gate_rule{scheduling_gate_fields};

constexpr FieldRule os_fields[] = {no(yes("name", Type::text), "linux", "this is Linux")};
constexpr ObjectRule os_rule{os_fields};

constexpr FieldRule resource_claim_fields[] = {
    yes("name", Type::text),
    yes("resourceClaimName", Type::text),
    yes("resourceClaimTemplateName", Type::text),
};
constexpr ObjectRule resource_claim_rule{resource_claim_fields};

constexpr FieldRule pod_spec_fields[] = {
    list("containers", container_rule),
    list("initContainers", container_rule),
    list("volumes", volume_rule),
    yes("restartPolicy", Type::text),
    yes("terminationGracePeriodSeconds", Type::integer),
    yes("hostNetwork", Type::boolean),
    yes("hostUsers", Type::boolean),
    yes("hostname", Type::text),
    yes("subdomain", Type::text),
    yes("setHostnameAsFQDN", Type::boolean),
    list("hostAliases", host_alias_rule),
    yes("dnsPolicy", Type::text),
    yes("dnsConfig", dns_config_rule),
    yes("runtimeClassName", Type::text),
    yes("securityContext", pod_security_context_rule),
    yes("os", os_rule),

    moot(yes("affinity", affinity_rule), "{}"),
    moot(yes("nodeSelector", Type::text_map), "{}"),
    moot(yes("nodeName", Type::text)),
    moot(yes("schedulerName", Type::text), "default-scheduler"),
    moot(list("schedulingGates", scheduling_gate_rule)),
    moot(list("tolerations", toleration_rule)),
    moot(list("topologySpreadConstraints", spread_constraint_rule)),
    moot(yes("priority", Type::integer), "0"),
    moot(yes("priorityClassName", Type::text)),
    moot(yes("preemptionPolicy", Type::text)),
    moot(list("readinessGates", readiness_gate_rule)),
    moot(yes("enableServiceLinks", Type::boolean), "false", "there are no Services"),
    moot(yes("serviceAccountName", Type::text), "", "there are no service accounts"),
    moot(yes("serviceAccount", Type::text), "", "there are no service accounts"),
    moot(yes("automountServiceAccountToken", Type::boolean), "false", "there are no service accounts"),
    moot(list("imagePullSecrets", local_reference_rule), "", "images are imported, not pulled"),

    no(yes("activeDeadlineSeconds", Type::integer)),
    no(yes("ephemeralContainers", Type::any)),
    no(yes("hostIPC", Type::boolean), "false"),
    no(yes("hostPID", Type::boolean), "false"),
    no(yes("hostnameOverride", Type::text)),
    no(yes("overhead", Type::quantity_map), "{}"),
    no(list("resourceClaims", resource_claim_rule)),
    no(yes("resources", resources_rule), "{}"),
    no(yes("shareProcessNamespace", Type::boolean), "false"),
};

}  // namespace

const ObjectRule pod_security_context_rule{pod_security_context_fields};
const ObjectRule pod_spec_rule{pod_spec_fields};

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
// What a container does and may do: probes, hooks, its security context.
#include "spec/schema_parts.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule exec_fields[] = {yes("command", Type::texts)};
constexpr ObjectRule exec_rule{exec_fields};
constexpr FieldRule header_fields[] = {yes("name", Type::text), yes("value", Type::text)};
constexpr ObjectRule header_rule{header_fields};
constexpr FieldRule http_get_fields[] = {
    yes("path", Type::text),   yes("port", Type::int_or_text),   yes("host", Type::text),
    yes("scheme", Type::text), list("httpHeaders", header_rule),
};
constexpr ObjectRule http_get_rule{http_get_fields};
constexpr FieldRule tcp_socket_fields[] = {yes("port", Type::int_or_text), yes("host", Type::text)};
constexpr ObjectRule tcp_socket_rule{tcp_socket_fields};
constexpr FieldRule grpc_fields[] = {yes("port", Type::integer), yes("service", Type::text)};
constexpr ObjectRule grpc_rule{grpc_fields};
constexpr FieldRule sleep_fields[] = {yes("seconds", Type::integer)};
constexpr ObjectRule sleep_rule{sleep_fields};

constexpr FieldRule probe_fields[] = {
    yes("exec", exec_rule),
    yes("httpGet", http_get_rule),
    yes("tcpSocket", tcp_socket_rule),
    yes("grpc", grpc_rule),
    yes("initialDelaySeconds", Type::integer),
    yes("timeoutSeconds", Type::integer),
    yes("periodSeconds", Type::integer),
    yes("successThreshold", Type::integer),
    yes("failureThreshold", Type::integer),
    yes("terminationGracePeriodSeconds", Type::integer),
};

constexpr FieldRule handler_fields[] = {
    yes("exec", exec_rule),
    yes("httpGet", http_get_rule),
    yes("tcpSocket", tcp_socket_rule),
    yes("sleep", sleep_rule),
};
constexpr ObjectRule handler_rule{handler_fields};
constexpr FieldRule lifecycle_fields[] = {
    yes("postStart", handler_rule),
    yes("preStop", handler_rule),
    yes("stopSignal", Type::text),
};

constexpr FieldRule capabilities_fields[] = {yes("add", Type::texts), yes("drop", Type::texts)};
constexpr ObjectRule capabilities_rule{capabilities_fields};
constexpr FieldRule selinux_fields[] = {
    yes("user", Type::text),
    yes("role", Type::text),
    yes("type", Type::text),
    yes("level", Type::text),
};
constexpr FieldRule windows_options_fields[] = {
    yes("gmsaCredentialSpecName", Type::text),
    yes("gmsaCredentialSpec", Type::text),
    yes("runAsUserName", Type::text),
    yes("hostProcess", Type::boolean),
};
constexpr FieldRule local_profile_fields[] = {yes("type", Type::text), yes("localhostProfile", Type::text)};

constexpr FieldRule security_context_fields[] = {
    yes("runAsUser", Type::integer),
    yes("runAsGroup", Type::integer),
    yes("readOnlyRootFilesystem", Type::boolean),
    yes("allowPrivilegeEscalation", Type::boolean),
    yes("runAsNonRoot", Type::boolean),
    yes("privileged", Type::boolean),
    yes("capabilities", capabilities_rule),
    no(yes("procMount", Type::text), "Default"),
    yes("seccompProfile", local_profile_rule),
    no(yes("appArmorProfile", local_profile_rule)),
    no(yes("seLinuxOptions", selinux_rule), "{}"),
    no(yes("windowsOptions", windows_options_rule), "{}", "this is no Windows"),
};

}  // namespace

const ObjectRule probe_rule{probe_fields};
const ObjectRule lifecycle_rule{lifecycle_fields};
const ObjectRule selinux_rule{selinux_fields};
const ObjectRule windows_options_rule{windows_options_fields};
const ObjectRule local_profile_rule{local_profile_fields};
const ObjectRule security_context_rule{security_context_fields};

}  // namespace podsd::spec

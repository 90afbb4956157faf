// SPDX-License-Identifier: Apache-2.0
#include "spec/schema_parts.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule requirement_fields[] = {
    yes("key", Type::text),
    yes("operator", Type::text),
    yes("values", Type::texts),
};
constexpr ObjectRule requirement_rule{requirement_fields};
constexpr FieldRule node_term_fields[] = {
    list("matchExpressions", requirement_rule),
    list("matchFields", requirement_rule),
};
constexpr ObjectRule node_term_rule{node_term_fields};
constexpr FieldRule node_selector_fields[] = {list("nodeSelectorTerms", node_term_rule)};
constexpr ObjectRule node_selector_rule{node_selector_fields};
constexpr FieldRule preferred_node_fields[] = {yes("weight", Type::integer),
                                               yes("preference", node_term_rule)};
constexpr ObjectRule preferred_node_rule{preferred_node_fields};
constexpr FieldRule node_affinity_fields[] = {
    yes("requiredDuringSchedulingIgnoredDuringExecution", node_selector_rule),
    list("preferredDuringSchedulingIgnoredDuringExecution", preferred_node_rule),
};
constexpr ObjectRule node_affinity_rule{node_affinity_fields};

constexpr FieldRule pod_term_fields[] = {
    yes("labelSelector", label_selector_rule),
    yes("namespaceSelector", label_selector_rule),
    yes("namespaces", Type::texts),
    yes("topologyKey", Type::text),
    yes("matchLabelKeys", Type::texts),
    yes("mismatchLabelKeys", Type::texts),
};
constexpr ObjectRule pod_term_rule{pod_term_fields};
constexpr FieldRule preferred_pod_fields[] = {yes("weight", Type::integer),
                                              yes("podAffinityTerm", pod_term_rule)};
constexpr ObjectRule preferred_pod_rule{preferred_pod_fields};
constexpr FieldRule pod_affinity_fields[] = {
    list("requiredDuringSchedulingIgnoredDuringExecution", pod_term_rule),
    list("preferredDuringSchedulingIgnoredDuringExecution", preferred_pod_rule),
};
constexpr ObjectRule pod_affinity_rule{pod_affinity_fields};

constexpr FieldRule affinity_fields[] = {
    yes("nodeAffinity", node_affinity_rule),
    yes("podAffinity", pod_affinity_rule),
    yes("podAntiAffinity", pod_affinity_rule),
};

constexpr FieldRule toleration_fields[] = {
    yes("key", Type::text),
    yes("operator", Type::text),
    yes("value", Type::text),
    yes("effect", Type::text),
    yes("tolerationSeconds", Type::integer),
};

constexpr FieldRule spread_constraint_fields[] = {
    yes("maxSkew", Type::integer),        yes("topologyKey", Type::text),
    yes("whenUnsatisfiable", Type::text), yes("labelSelector", label_selector_rule),
    yes("minDomains", Type::integer),     yes("nodeAffinityPolicy", Type::text),
    yes("nodeTaintsPolicy", Type::text),  yes("matchLabelKeys", Type::texts),
};

}  // namespace

const ObjectRule affinity_rule{affinity_fields};
const ObjectRule toleration_rule{toleration_fields};
const ObjectRule spread_constraint_rule{spread_constraint_fields};

}  // namespace podsd::spec

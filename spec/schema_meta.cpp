// SPDX-License-Identifier: Apache-2.0
#include "spec/schema_parts.hpp"

namespace podsd::spec {
namespace {

constexpr FieldRule object_meta_fields[] = {
    yes("name", Type::text),
    yes("namespace", Type::text),
    yes("uid", Type::text),
    yes("labels", Type::text_map),
    yes("annotations", Type::text_map),
    moot(yes("generateName", Type::text), "", "the name is taken from metadata.name"),
    moot(yes("creationTimestamp", Type::text), "", by_server),
    moot(yes("deletionTimestamp", Type::text), "", by_server),
    moot(yes("deletionGracePeriodSeconds", Type::integer), "", by_server),
    moot(yes("resourceVersion", Type::text), "", by_server),
    moot(yes("generation", Type::integer), "", by_server),
    moot(yes("selfLink", Type::text), "", by_server),
    moot(yes("ownerReferences", Type::any), "", "there are no owners without an API server"),
    moot(yes("finalizers", Type::texts), "", "there are no finalizers without an API server"),
    moot(yes("managedFields", Type::any), "", by_server),
};

constexpr FieldRule requirement_fields[] = {
    yes("key", Type::text),
    yes("operator", Type::text),
    yes("values", Type::texts),
};
constexpr ObjectRule requirement_rule{requirement_fields};

constexpr FieldRule label_selector_fields[] = {
    yes("matchLabels", Type::text_map),
    list("matchExpressions", requirement_rule),
};

constexpr FieldRule pod_fields[] = {
    yes("apiVersion", Type::text),
    yes("kind", Type::text),
    yes("metadata", object_meta_rule),
    yes("spec", pod_spec_rule),
    moot(yes("status", Type::any), "{}", "the status is podsd's to report"),
};

}  // namespace

const ObjectRule object_meta_rule{object_meta_fields};
const ObjectRule label_selector_rule{label_selector_fields};
const ObjectRule pod_rule{pod_fields};

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
// core/v1 Pod as data: every field of the API (Kubernetes 1.33, and the few that came after it), its type and
// what podsd does with it.
#pragma once

#include <span>
#include <string_view>

namespace podsd::spec {

enum class Support {
  supported,
  ignored,  ///< accepted with a warning: without meaning on one node
  refused,  ///< an error: not supported yet
};

enum class Type {
  text,
  boolean,
  integer,
  quantity,
  int_or_text,
  texts,
  integers,
  text_map,
  quantity_map,
  object,
  objects,
  any
};

struct ObjectRule;

struct FieldRule {
  std::string_view name;
  Support support = Support::supported;
  Type type = Type::any;
  const ObjectRule* object = nullptr;  ///< of object and objects
  std::string_view harmless;           ///< values that change nothing, apart by '|'; they pass in silence
  std::string_view note;               ///< why it is ignored or refused; empty: the usual reason
};

struct ObjectRule {
  std::span<const FieldRule> fields;
  [[nodiscard]] const FieldRule* find(std::string_view name) const {
    for (const FieldRule& field : fields)
      if (field.name == name) return &field;
    return nullptr;
  }
};

/// The whole Pod, from apiVersion down.
extern const ObjectRule pod_rule;

}  // namespace podsd::spec

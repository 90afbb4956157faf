// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "spec/findings.hpp"
#include "spec/node.hpp"
#include "spec/schema.hpp"

namespace podsd::spec {

/// Whether `node` is what a field of this type holds; null counts as absent and fits all.
[[nodiscard]] bool fits(const Node& node, Type type);

/// Holds `node` against the schema: unknown fields, wrong types, refused and ignored fields.
void check_object(const Node& node, const ObjectRule& rule, const std::string& path, Findings& findings);

/// The known name nearest to `name`, with its quotes: `, did you mean "image"?`; empty where none is near.
[[nodiscard]] std::string suggestion(std::string_view name, const ObjectRule& rule);

/// Edits (insert, delete, replace, swap of neighbours; letter case is free) between two names.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/pod.hpp"

namespace podsd::spec {

/// One value of a manifest, YAML or JSON alike, with its place. Scalars are kept as text: what a plain
/// scalar means is decided by the schema, so that `80` and `"80"` never turn into each other.
struct Node {
  enum class Kind {
    null,    ///< nothing, `null` or `~`
    plain,   ///< unquoted text; in JSON: numbers, true, false
    quoted,  ///< quoted or block text: always a string
    sequence,
    mapping,
    invalid,  ///< already reported; says nothing more
  };
  struct Entry;

  Kind kind = Kind::null;
  Position position;
  std::string text;            ///< of plain and quoted
  std::vector<Node> items;     ///< of a sequence
  std::vector<Entry> entries;  ///< of a mapping, in order, keys unique

  [[nodiscard]] bool scalar() const { return kind == Kind::plain || kind == Kind::quoted; }
  /// The value under `key`; nullptr where there is none or it is null.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Node::Entry {
  std::string key;
  Position position;
  Node value;
};

inline const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return entry.value.kind == Kind::null ? nullptr : &entry.value;
  return nullptr;
}

}  // namespace podsd::spec

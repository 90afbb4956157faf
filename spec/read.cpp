// SPDX-License-Identifier: Apache-2.0
#include "spec/read.hpp"

#include "spec/scalar.hpp"

namespace podsd::spec {

Reader Reader::field(std::string_view name, Type type) const {
  const Node* node = node_ != nullptr ? node_->find(name) : nullptr;
  if (node != nullptr && (node->kind == Node::Kind::invalid || !fits(*node, type))) node = nullptr;
  return {node, join(path_, name), *findings_};
}

std::string Reader::text(std::string_view name) const {
  const Reader value = field(name, Type::text);
  return value.present() ? value.node().text : "";
}

bool Reader::flag(std::string_view name, bool otherwise) const {
  const Reader value = field(name, Type::boolean);
  return value.present() ? value.node().text[0] == 't' || value.node().text[0] == 'T' : otherwise;
}

std::optional<std::int64_t> Reader::integer(std::string_view name, std::int64_t low,
                                            std::int64_t high) const {
  const Reader value = field(name, Type::integer);
  return value.present() ? value.whole(low, high) : std::nullopt;
}

std::optional<std::int64_t> Reader::whole(std::int64_t low, std::int64_t high) const {
  const std::optional<std::int64_t> number = integer_value(node());
  if (number && *number >= low && *number <= high) return number;
  error("found " + excerpt_bare(node().text) + ", expected " + std::to_string(low) + " to " +
        std::to_string(high));
  return std::nullopt;
}

void Reader::expect(const std::string& expectation) const {
  if (!expectation.empty()) error("found " + describe(*node_) + ", expected " + expectation);
}

bool Reader::require(std::string_view name, std::string_view what) const {
  const Node* node = node_->find(name);
  if (node != nullptr && !(node->scalar() && node->text.empty())) return true;
  findings_->error(node != nullptr ? node->position : position(), join(path_, name),
                   "missing, expected " + std::string(what));
  return false;
}

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
#include "spec/check.hpp"

#include <algorithm>

#include "spec/scalar.hpp"

namespace podsd::spec {
namespace {

/// What a scalar was expected to be, and how to get there from what was found.
std::string expected(const Node& node, Type type) {
  switch (type) {
    case Type::text:
      if (node.kind == Node::Kind::plain)
        return "a string: write \"" + excerpt_bare(node.text) + "\" with the quotes";
      return "a string";
    case Type::boolean:
      return "true or false";
    case Type::integer:
      if (node.kind == Node::Kind::quoted) return "an integer without quotes";
      if (scalar_type(node) == ScalarType::integer && node.text.size() < 18)
        return "an integer without leading zeros (0o17 is octal)";
      return "an integer";
    case Type::quantity:
      return "a quantity such as 500m or 64Mi";
    case Type::int_or_text:
      return "an integer or a string";
    case Type::texts:
      return "a list of strings";
    case Type::integers:
      return "a list of integers";
    case Type::text_map:
      return "a mapping of strings";
    case Type::quantity_map:
      return "a mapping of quantities";
    case Type::object:
      return "a mapping";
    case Type::objects:
      return "a list of mappings";
    case Type::any:
      break;
  }
  return "a value";
}

void wrong_type(const Node& node, Type type, const std::string& path, Findings& findings) {
  findings.error(node.position, path, "found " + describe(node) + ", expected " + expected(node, type));
}

/// The type of a collection's members; any for what is none.
Type member(Type type) {
  switch (type) {
    case Type::texts:
    case Type::text_map:
      return Type::text;
    case Type::integers:
      return Type::integer;
    case Type::quantity_map:
      return Type::quantity;
    case Type::objects:
      return Type::object;
    default:
      return Type::any;
  }
}

class Checker {
 public:
  explicit Checker(Findings& findings) : findings_(findings) {}

  void object(const Node& node, const ObjectRule& rule, const std::string& path) {
    for (const Node::Entry& entry : node.entries) {
      if (const FieldRule* field = rule.find(entry.key)) {
        this->field(entry, *field, join(path, entry.key));
      } else {
        findings_.error(entry.position, join(path, entry.key), "unknown field" + near(entry.key, rule));
      }
    }
  }

 private:
  void field(const Node::Entry& entry, const FieldRule& rule, const std::string& path);
  void value(const Node& node, const FieldRule& rule, const std::string& path);

  /// Nobody sees the suggestions behind the last finding shown, and they are dear.
  std::string near(std::string_view name, const ObjectRule& rule) const {
    return findings_.errors() < Findings::max_shown ? suggestion(name, rule) : "";
  }

  Findings& findings_;
  bool in_unused_ = false;  // inside a refused or ignored field only names and types are of interest
};

bool changes_nothing(const Node& node, const FieldRule& rule) {
  if (node.kind == Node::Kind::null || node.kind == Node::Kind::invalid) return true;
  if (node.kind == Node::Kind::sequence) return node.items.empty();
  if (node.kind == Node::Kind::mapping) return node.entries.empty() && rule.harmless == "{}";
  if (node.text.empty()) return true;
  const bool boolean = scalar_type(node) == ScalarType::boolean;
  const std::string text =
      boolean ? (node.text[0] == 't' || node.text[0] == 'T' ? "true" : "false") : node.text;
  for (std::string_view rest = rule.harmless; !rest.empty();) {
    const std::size_t bar = rest.find('|');
    if (text == rest.substr(0, bar)) return true;
    rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
  }
  return false;
}

std::string refused_value(const Node& node) {
  const bool plain = node.kind == Node::Kind::plain;
  return "the value " + (plain ? excerpt_bare(node.text) : excerpt(node.text)) + " is not supported yet";
}

void Checker::field(const Node::Entry& entry, const FieldRule& rule, const std::string& path) {
  const bool outer = in_unused_;
  if (!outer && rule.support != Support::supported && !changes_nothing(entry.value, rule)) {
    const std::string note(rule.note);
    const bool other = !rule.harmless.empty() && rule.harmless != "{}" && entry.value.scalar();
    if (rule.support == Support::ignored) {
      findings_.warning(entry.position, path,
                        "ignored: " + (note.empty() ? "has no meaning on a single node" : note));
    } else {
      std::string message = other ? refused_value(entry.value) : "not supported yet";
      if (!note.empty()) message = "not supported: " + note;
      findings_.error(entry.position, path, std::move(message));
    }
  }
  in_unused_ = outer || rule.support != Support::supported;
  value(entry.value, rule, path);
  in_unused_ = outer;
}

void Checker::value(const Node& node, const FieldRule& rule, const std::string& path) {
  if (node.kind == Node::Kind::null || node.kind == Node::Kind::invalid) return;
  if (!fits(node, rule.type)) return wrong_type(node, rule.type, path, findings_);
  if (rule.type == Type::object) return object(node, *rule.object, path);
  const Type inner = member(rule.type);
  const auto inside = [&](const Node& item, const std::string& item_path) {
    if (item.kind == Node::Kind::invalid) return;
    if (item.kind == Node::Kind::null || !fits(item, inner))
      return wrong_type(item, inner, item_path, findings_);
    if (inner == Type::object) object(item, *rule.object, item_path);
  };
  if (inner == Type::any) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) inside(node.items[i], join(path, i));
  for (const Node::Entry& entry : node.entries) inside(entry.value, join(path, entry.key));
}

}  // namespace

bool fits(const Node& node, Type type) {
  if (node.kind == Node::Kind::null) return true;
  switch (type) {
    case Type::text:
      return node.scalar() && scalar_type(node) == ScalarType::string;
    case Type::boolean:
      return node.scalar() && scalar_type(node) == ScalarType::boolean;
    case Type::integer:
      return node.scalar() && scalar_type(node) == ScalarType::integer && integer_value(node);
    case Type::quantity:
      return node.scalar() && scalar_type(node) != ScalarType::boolean;
    case Type::int_or_text:
      return node.scalar() && (scalar_type(node) == ScalarType::string || fits(node, Type::integer));
    case Type::texts:
    case Type::integers:
    case Type::objects:
      return node.kind == Node::Kind::sequence;
    case Type::text_map:
    case Type::quantity_map:
    case Type::object:
      return node.kind == Node::Kind::mapping;
    case Type::any:
      break;
  }
  return true;
}

void check_object(const Node& node, const ObjectRule& rule, const std::string& path, Findings& findings) {
  Checker(findings).object(node, rule, path);
}

}  // namespace podsd::spec

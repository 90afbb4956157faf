// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/json_node.hpp"

#include <nlohmann/json.hpp>

namespace podsd::runtime {
namespace {

bool is_blank(const nlohmann::json& value) {
  if (value.is_null()) return true;
  if (value.is_boolean()) return !value.get<bool>();
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  if (value.is_array()) return value.empty();
  if (!value.is_object()) return false;
  for (const auto& member : value)
    if (!is_blank(member)) return false;
  return true;
}

}  // namespace

void Node::complain(std::string what) const {
  if (!*error_) *error_ = Error{std::move(what), path_, 0, nullptr};
}

Node Node::child(const nlohmann::json* value, const std::string& step) const {
  if (value != nullptr && value->is_null()) value = nullptr;
  return {value, path_.empty() ? step : path_ + "." + step, error_};
}

Node Node::at(const char* key) const {
  if (value_ == nullptr) return child(nullptr, key);
  if (!value_->is_object()) {
    complain("must be an object");
    return child(nullptr, key);
  }
  auto found = value_->find(key);
  return child(found == value_->end() ? nullptr : &*found, key);
}

bool Node::blank() const {
  return value_ == nullptr || is_blank(*value_);
}

bool Node::is_number() const {
  return value_ != nullptr && value_->is_number();
}

std::string Node::text() const {
  if (value_ == nullptr) return {};
  if (!value_->is_string()) {
    complain("must be a string");
    return {};
  }
  const auto& text = value_->get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) complain("must not hold a NUL byte");
  return text;
}

bool Node::flag() const {
  if (value_ == nullptr) return false;
  if (value_->is_boolean()) return value_->get<bool>();
  complain("must be true or false");
  return false;
}

std::int64_t Node::number(std::int64_t low, std::int64_t high, std::int64_t absent) const {
  if (value_ == nullptr) return absent;
  bool fits =
      value_->is_number_integer() &&
      (!value_->is_number_unsigned() ||
       value_->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  std::int64_t number = fits ? value_->get<std::int64_t>() : 0;
  if (fits && number >= low && number <= high) return number;
  complain("must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return absent;
}

std::uint64_t Node::unsigned_number() const {
  if (value_ != nullptr && value_->is_number_unsigned()) return value_->get<std::uint64_t>();
  complain("must be a whole number, not negative");
  return 0;
}

std::vector<std::string> Node::texts() const {
  std::vector<std::string> list;
  each([&](const Node& node) { list.push_back(node.text()); });
  return list;
}

std::string Node::json() const {
  return value_ == nullptr ? "" : value_->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Node::each(const std::function<void(const Node&)>& visit) const {
  if (value_ == nullptr) return;
  if (!value_->is_array()) return complain("must be an array");
  for (std::size_t i = 0; i < value_->size(); ++i)
    visit(Node(&(*value_)[i], path_ + "[" + std::to_string(i) + "]", error_));
}

void Node::each_member(const std::function<void(const std::string&, const Node&)>& visit) const {
  if (value_ == nullptr) return;
  if (!value_->is_object()) return complain("must be an object");
  for (const auto& [key, member] : value_->items()) visit(key, child(&member, key));
}

}  // namespace podsd::runtime

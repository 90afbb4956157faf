// SPDX-License-Identifier: Apache-2.0
#include "dbus/properties.hpp"

#include <sdbus-c++/Error.h>
#include <sdbus-c++/TypeTraits.h>
#include <sdbus-c++/Types.h>

#include <algorithm>

namespace podsd::dbus {

namespace {

/// D-Bus strings end at a NUL: one inside would silently cut what a manifest says.
void check_text(const std::string& text) {
  if (text.find('\0') == std::string::npos) return;
  throw sdbus::Error("org.freedesktop.DBus.Error.InvalidArgs", "a property holds a NUL byte");
}

void check_text(const std::vector<std::string>& texts) {
  for (const auto& text : texts) check_text(text);
}

template <typename T>
void check_text(const T&) {}

template <typename T>
const T& bus_value(const T& value) {
  return value;
}

std::vector<sdbus::Struct<std::string, std::string>> bus_value(const units::DeviceRules& rules) {
  return {rules.begin(), rules.end()};
}

void append_value(sdbus::Message& message, const units::PropertyValue& value) {
  std::visit(
      [&message](const auto& given) {
        check_text(given);
        const auto& v = bus_value(given);
        message.openVariant(sdbus::signature_of<std::remove_cvref_t<decltype(v)>>::str());
        message << v;
        message.closeVariant();
      },
      value);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool names(const std::string& text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

std::string key(const std::string& unit, const std::string& property) {
  return unit.substr(unit.rfind('.') + 1) + " " + property;
}

}  // namespace

void append_properties(sdbus::Message& message, const std::vector<units::Property>& properties) {
  message.openContainer("(sv)");
  for (const auto& property : properties) {
    message.openStruct("sv");
    message << property.name;
    append_value(message, property.value);
    message.closeStruct();
  }
  message.closeContainer();
}

std::string refused_property(const std::string& text, const std::vector<units::Property>& properties) {
  const auto found =
      std::ranges::find_if(properties, [&text](const auto& property) { return names(text, property.name); });
  return found == properties.end() ? std::string() : found->name;
}

void UnknownProperties::learn(const std::string& unit, const std::string& property) {
  names_.insert(key(unit, property));
}

std::vector<std::string> UnknownProperties::drop(const std::string& unit,
                                                 std::vector<units::Property>& properties) const {
  std::vector<std::string> dropped;
  std::erase_if(properties, [&](const units::Property& property) {
    if (!names_.contains(key(unit, property.name))) return false;
    dropped.push_back(property.name);
    return true;
  });
  return dropped;
}

}  // namespace podsd::dbus

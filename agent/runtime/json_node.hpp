// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

/// A place in a JSON document, and the first thing found wrong in it. Readers give a default where a value is
/// absent or of a wrong type; the document's `error` says so in the end, with the path of the field. null
/// counts as absent.
class Node {
 public:
  Node(const nlohmann::json* value, std::string path, std::optional<Error>* error)
      : value_(value), path_(std::move(path)), error_(error) {}

  [[nodiscard]] Node at(const char* key) const;
  [[nodiscard]] bool present() const { return value_ != nullptr; }
  /// Absent, null, false, "", {} or [], or an object of nothing but those.
  [[nodiscard]] bool blank() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] std::string text() const;  ///< without NUL bytes
  [[nodiscard]] bool flag() const;
  [[nodiscard]] std::int64_t number(std::int64_t low, std::int64_t high, std::int64_t absent = 0) const;
  [[nodiscard]] std::uint64_t unsigned_number() const;
  [[nodiscard]] std::vector<std::string> texts() const;
  [[nodiscard]] std::string json() const;  ///< the value itself, in a form that only depends on it
  void each(const std::function<void(const Node&)>& visit) const;  ///< of an array
  void each_member(const std::function<void(const std::string& key, const Node&)>& visit) const;

  void complain(std::string what) const;  ///< kept unless something was wrong before

 private:
  [[nodiscard]] Node child(const nlohmann::json* value, const std::string& step) const;

  const nlohmann::json* value_;
  std::string path_;
  std::optional<Error>* error_;
};

}  // namespace podsd::runtime

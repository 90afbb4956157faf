// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/manifest.hpp"

namespace podsd::spec {

/// Collects the diagnostics of one file.
class Findings {
 public:
  explicit Findings(std::string file) : file_(std::move(file)) {}

  void error(Position position, std::string field, std::string message);
  void warning(Position position, std::string field, std::string message);
  /// Errors so far; a growing number means that what was looked at since is not usable.
  [[nodiscard]] std::size_t errors() const { return errors_; }
  /// All findings by position. At most max_shown of them, then one that counts the rest.
  [[nodiscard]] std::vector<Diagnostic> take() &&;

  static constexpr std::size_t max_shown = 100;

 private:
  std::string file_;
  std::vector<Diagnostic> list_;
  std::size_t errors_ = 0;
};

/// A user's text made fit for a message: in double quotes, control characters escaped, at most
/// `max_bytes` of it and then "…".
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t max_bytes = 60);
/// The same without quotes, for field paths.
[[nodiscard]] std::string excerpt_bare(std::string_view text, std::size_t max_bytes = 60);

/// "parent.key"; a key that is no plain field name is written as "parent[key]".
[[nodiscard]] std::string join(const std::string& parent, std::string_view key);
/// "parent[3]"
[[nodiscard]] std::string join(const std::string& parent, std::size_t index);

}  // namespace podsd::spec

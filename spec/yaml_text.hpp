// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "spec/pod.hpp"

namespace podsd::spec {

/// The source text of a YAML file by line and byte, both from 0, for what its parser lets pass:
/// quotes that end with the file, keys without a ":", directives amid a document, tabs in the indentation.
class YamlText {
 public:
  explicit YamlText(std::string_view text);

  /// Without its newline; empty for lines that are not there.
  [[nodiscard]] std::string_view line(int index) const;
  /// Places mostly go forward, so a long line is counted once and not for each of them.
  [[nodiscard]] Position position(int line, int byte);

  enum class Quotes { closed, not_closed, not_indented };
  /// Whether the text in quotes that begins here (if one does) ends, and has all its lines indented.
  [[nodiscard]] Quotes quotes(int line, int byte) const;
  /// Whether a ":" follows the key that begins here: a plain one of `size` bytes, or one in quotes.
  [[nodiscard]] bool colon_follows(int line, int byte, std::size_t size) const;
  /// The byte of a tab, if only blanks stand before this place and one of them is a tab.
  [[nodiscard]] std::optional<int> tab_before(int line, int byte) const;
  /// The first line that begins with "%" and is no %YAML 1.x before a "---".
  [[nodiscard]] std::optional<int> stray_directive() const;
  /// Whether a "..." stands between two lines, with nothing else but comments and directives.
  [[nodiscard]] bool dots_between(int first, int last) const;

 private:
  [[nodiscard]] std::size_t offset(int line, int byte) const;
  [[nodiscard]] std::size_t quotes_end(std::size_t start) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
  int known_line_ = -1;
  std::size_t known_end_ = 0;
  int known_column_ = 1;
};

}  // namespace podsd::spec

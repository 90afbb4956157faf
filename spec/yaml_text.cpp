// SPDX-License-Identifier: Apache-2.0
#include "spec/yaml_text.hpp"

#include <algorithm>

namespace podsd::spec {
namespace {

constexpr auto npos = std::string_view::npos;

bool blank_or_comment(std::string_view line) {
  const std::size_t text = line.find_first_not_of(" \t\r");
  return text == npos || line[text] == '#';
}

}  // namespace

YamlText::YamlText(std::string_view text) : text_(text) {
  starts_.push_back(0);
  for (std::size_t i = text.find('\n'); i != npos; i = text.find('\n', i + 1)) starts_.push_back(i + 1);
}

std::string_view YamlText::line(int index) const {
  if (index < 0 || static_cast<std::size_t>(index) >= starts_.size()) return {};
  const std::size_t start = starts_[static_cast<std::size_t>(index)];
  return text_.substr(start, text_.find('\n', start) - start);
}

std::size_t YamlText::offset(int line, int byte) const {
  if (line < 0 || static_cast<std::size_t>(line) >= starts_.size()) return text_.size();
  return std::min(text_.size(),
                  starts_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(std::max(byte, 0)));
}

Position YamlText::position(int index, int byte) {
  const std::string_view text = line(index);
  const std::size_t end = std::min(text.size(), static_cast<std::size_t>(std::max(byte, 0)));
  if (index != known_line_ || end < known_end_) {
    known_line_ = index;
    known_end_ = 0;
    known_column_ = 1;
  }
  for (; known_end_ < end; ++known_end_)
    if ((text[known_end_] & 0xC0) != 0x80) ++known_column_;
  return {index + 1, known_column_};
}

std::size_t YamlText::quotes_end(std::size_t start) const {
  const char quote = text_[start];
  for (std::size_t i = start + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || i + 1 == text_.size() || text_[i + 1] != quote) return i;
      ++i;
    }
  }
  return npos;
}

YamlText::Quotes YamlText::quotes(int line, int byte) const {
  const std::size_t start = offset(line, byte);
  if (start == text_.size() || (text_[start] != '"' && text_[start] != '\'')) return Quotes::closed;
  const std::size_t end = quotes_end(start);
  if (end == npos) return Quotes::not_closed;
  for (std::size_t i = text_.find('\n', start); i < end; i = text_.find('\n', i + 1))
    if (std::string_view(" \t\r\n").find(text_[i + 1]) == npos) return Quotes::not_indented;
  return Quotes::closed;
}

bool YamlText::colon_follows(int line, int byte, std::size_t size) const {
  const std::size_t start = offset(line, byte);
  if (start == text_.size()) return false;
  const bool quoted = text_[start] == '"' || text_[start] == '\'';
  const std::size_t end = quoted ? quotes_end(start) : start + size - 1;
  if (end == npos || end >= text_.size()) return false;
  const std::size_t next = text_.find_first_not_of(" \t", end + 1);
  return next != npos && text_[next] == ':';
}

std::optional<int> YamlText::tab_before(int index, int byte) const {
  const std::string_view before = line(index).substr(0, static_cast<std::size_t>(std::max(byte, 0)));
  const std::size_t tab = before.find('\t');
  if (tab == npos || before.find_first_not_of(" \t") != npos) return std::nullopt;
  return static_cast<int>(tab);
}

std::optional<int> YamlText::stray_directive() const {
  bool between = true;          // before the first document or behind "..."
  std::optional<int> unmarked;  // a directive that no "---" has followed yet
  for (int i = 0; static_cast<std::size_t>(i) < starts_.size(); ++i) {
    const std::string_view text = line(i);
    if (text.starts_with('%')) {
      if (!between || unmarked || !text.starts_with("%YAML 1.")) return i;
      unmarked = i;
    } else if (!blank_or_comment(text)) {
      if (unmarked && !text.starts_with("---")) return unmarked;
      unmarked.reset();
      between = text.starts_with("...");
    }
  }
  return unmarked;
}

bool YamlText::dots_between(int first, int last) const {
  for (int i = last - 1; i > first; --i) {
    const std::string_view text = line(i);
    if (text.starts_with("...")) return true;
    if (!blank_or_comment(text) && !text.starts_with('%')) return false;
  }
  return false;
}

}  // namespace podsd::spec

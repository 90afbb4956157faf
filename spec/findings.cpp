// SPDX-License-Identifier: Apache-2.0
#include "spec/findings.hpp"

#include <algorithm>
#include <tuple>

#include "spec/text.hpp"

namespace podsd::spec {
namespace {

std::string escaped_byte(unsigned char c) {
  static constexpr char digits[] = "0123456789abcdef";
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (c == '\r') return "\\r";
  return {'\\', 'x', digits[c >> 4U], digits[c & 15U]};
}

// U+0080..U+009F are controls too: terminals act on them. In UTF-8 they are C2 80..C2 9F.
bool c1_control(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]) == 0xC2U && i + 1 < text.size() &&
         static_cast<unsigned char>(text[i + 1]) < 0xA0U;
}

}  // namespace

std::string excerpt_bare(std::string_view text, std::size_t max_bytes) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (out.size() >= max_bytes) return out + "…";
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = utf8_length(text, i);
    if (length == 0 || c < 0x20U || c == 0x7FU || c1_control(text, i)) {
      out += escaped_byte(c);
      ++i;
    } else {
      out += text.substr(i, length);
      i += length;
    }
  }
  return out;
}

std::string excerpt(std::string_view text, std::size_t max_bytes) {
  return "\"" + excerpt_bare(text, max_bytes) + "\"";
}

std::string join(const std::string& parent, std::string_view key) {
  const bool name = !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!name) return parent + "[" + excerpt_bare(key) + "]";
  return parent.empty() ? excerpt_bare(key) : parent + "." + excerpt_bare(key);
}

std::string join(const std::string& parent, std::size_t index) {
  return parent + "[" + std::to_string(index) + "]";
}

void Findings::error(Position position, std::string field, std::string message) {
  ++errors_;
  list_.push_back({Severity::error, file_, position, std::move(field), std::move(message)});
}

void Findings::warning(Position position, std::string field, std::string message) {
  list_.push_back({Severity::warning, file_, position, std::move(field), std::move(message)});
}

std::vector<Diagnostic> Findings::take() && {
  std::ranges::stable_sort(
      list_, {}, [](const Diagnostic& d) { return std::tuple(d.position.line, d.position.column); });
  if (list_.size() > max_shown) {
    const std::size_t hidden = list_.size() - max_shown;
    const bool error = std::any_of(list_.begin() + max_shown, list_.end(),
                                   [](const Diagnostic& d) { return d.severity == Severity::error; });
    const Position last = list_[max_shown].position;
    list_.resize(max_shown);
    list_.push_back({error ? Severity::error : Severity::warning, file_, last, "",
                     std::to_string(hidden) + " more findings are not shown"});
  }
  return std::move(list_);
}

std::string Diagnostic::text() const {
  std::string out = excerpt_bare(file, 4096);
  if (position.line > 0) out += ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
  out += severity == Severity::error ? ": error: " : ": warning: ";
  if (!field.empty()) out += field + ": ";
  return out + message;
}

}  // namespace podsd::spec

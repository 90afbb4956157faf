// SPDX-License-Identifier: Apache-2.0
#include "spec/names.hpp"

#include <algorithm>

namespace podsd::spec {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool letter(char c) {
  return lower(c) || (c >= 'A' && c <= 'Z');
}
bool alphanumeric(char c) {
  return letter(c) || digit(c);
}
bool control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// 1 to `most` bytes, all of them `inner` or `edge`, the first and last `edge`.
template <typename Edge>
bool shaped(std::string_view text, std::size_t most, Edge edge, std::string_view inner) {
  return !text.empty() && text.size() <= most && edge(text.front()) && edge(text.back()) &&
         std::ranges::all_of(text,
                             [&](char c) { return edge(c) || inner.find(c) != std::string_view::npos; });
}

bool lower_or_digit(char c) {
  return lower(c) || digit(c);
}
bool is_label(std::string_view text) {
  return shaped(text, 63, lower_or_digit, "-");
}
bool is_name(std::string_view text) {
  return shaped(text, 63, alphanumeric, "-_.");
}

/// Labels apart by '.', each bounded by the whole only.
bool is_domain(std::string_view text, bool underscores) {
  if (text.size() > 253) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    std::string_view label = text.substr(0, dot);
    if (underscores && label.starts_with('_')) label.remove_prefix(1);
    if (!shaped(label, 253, lower_or_digit, underscores ? "-_" : "-")) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}
bool is_subdomain(std::string_view text) {
  return is_domain(text, false);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

std::string check_label(std::string_view text) {
  if (is_label(text)) return "";
  return "at most 63 characters out of a-z, 0-9 and '-', beginning and ending with a letter or digit";
}

std::string check_subdomain(std::string_view text) {
  if (is_subdomain(text)) return "";
  return "at most 253 characters out of a-z, 0-9, '-' and '.', each part beginning and ending with a letter "
         "or digit";
}

std::string check_search_domain(std::string_view text) {
  if (text == "." || is_domain(text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0)), true)) return "";
  return "a domain: at most 253 characters out of a-z, 0-9, '-', '_' and '.', each part ending with a letter "
         "or digit";
}

std::string check_qualified_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  const bool prefixed = slash != std::string_view::npos;
  const bool prefix = !prefixed || is_subdomain(lowered(text.substr(0, slash)));
  if (prefix && is_name(prefixed ? text.substr(slash + 1) : text)) return "";
  return "[prefix/]name, the name at most 63 characters out of letters, digits, '-', '_' and '.', the prefix "
         "a domain";
}

std::string check_label_value(std::string_view text) {
  if (text.empty() || is_name(text)) return "";
  return "at most 63 characters out of letters, digits, '-', '_' and '.', beginning and ending with a letter "
         "or digit";
}

std::string check_env_name(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F && c != '='; });
  if (!text.empty() && printable) return "";
  return "printable ASCII characters other than '='";
}

std::string check_port_name(std::string_view text) {
  if (shaped(text, 15, lower_or_digit, "-") && std::ranges::any_of(text, lower) &&
      text.find("--") == std::string_view::npos)
    return "";
  return "at most 15 characters out of a-z, 0-9 and '-', a letter among them";
}

std::string check_uid(std::string_view text) {
  const bool known = std::ranges::all_of(text, [](char c) { return alphanumeric(c) || c == '-'; });
  if (!text.empty() && text.size() <= 64 && known) return "";
  return "1 to 64 characters out of letters, digits and '-'";
}

std::string check_path(std::string_view text) {
  if (!text.starts_with('/')) return "an absolute path";
  if (text.size() > 4095) return "at most 4095 bytes";
  if (std::ranges::any_of(text, control)) return "a path without control characters";
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    if (rest.substr(0, slash) == "..") return "a path without \"..\"";
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  }
  return "";
}

}  // namespace podsd::spec

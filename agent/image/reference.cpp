// SPDX-License-Identifier: Apache-2.0
#include "agent/image/reference.hpp"

#include <algorithm>
#include <string_view>

#include "agent/image/digest.hpp"
#include "agent/image/store.hpp"

namespace podsd::image {
namespace {

constexpr std::size_t max_repository = 255;
constexpr std::size_t max_tag = 128;
constexpr std::size_t max_plain_file_name = 180;
constexpr std::size_t cut_file_name = 128;

bool lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool alphanumeric(char c) {
  return lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/// alpha-numeric [separator alpha-numeric]*, separator: one of "_ .", "__", or any number of "-"
bool is_path_component(std::string_view text) {
  if (text.empty() || !lower_or_digit(text.front()) || !lower_or_digit(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && !lower_or_digit(text[end])) ++end;
    const auto separator = text.substr(i, end - i);
    const bool dashes = std::ranges::all_of(separator, [](char c) { return c == '-'; });
    if (!dashes && separator != "_" && separator != "." && separator != "__") return false;
    i = end + 1;
  }
  return true;
}

bool is_path(std::string_view text) {
  while (true) {
    const auto slash = text.find('/');
    if (!is_path_component(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_domain_component(std::string_view text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return alphanumeric(c) || c == '-'; });
}

bool is_ipv6(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
         text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdefABCDEF:") ==
             std::string_view::npos;
}

bool is_domain(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const auto port = text.substr(colon + 1);
    if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos) return false;
    text = text.substr(0, colon);
  }
  if (text.starts_with('[')) return is_ipv6(text);
  while (true) {
    const auto dot = text.find('.');
    if (!is_domain_component(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_tag(std::string_view text) {
  const auto word = [](char c) { return alphanumeric(c) || c == '_'; };
  return !text.empty() && text.size() <= max_tag && word(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

/// The first component is a host only if it looks like one; "a/b" is a path on docker.io.
bool looks_like_domain(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:[") != std::string_view::npos ||
         std::ranges::any_of(first, [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string long_repository(const std::string& name) {
  const auto slash = name.find('/');
  std::string domain = "docker.io";
  std::string path = name;
  if (slash != std::string::npos && looks_like_domain(std::string_view(name).substr(0, slash))) {
    domain = name.substr(0, slash);
    path = name.substr(slash + 1);
  }
  if (domain == "index.docker.io") domain = "docker.io";
  if (domain == "docker.io" && path.find('/') == std::string::npos) path = "library/" + path;
  return domain + "/" + path;
}

bool is_repository(const std::string& name) {
  const auto slash = name.find('/');
  return name.size() <= max_repository && is_domain(std::string_view(name).substr(0, slash)) &&
         is_path(std::string_view(name).substr(slash + 1));
}

}  // namespace

std::string Reference::text() const {
  return repository + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

Result<Reference> parse_reference(const std::string& text) {
  const auto bad = [&](const char* why) {
    return fail(std::string("not an image reference, ") + why, text.substr(0, 200));
  };
  Reference reference;
  std::string name = text;
  if (const auto at = name.find('@'); at != std::string::npos) {
    reference.digest = name.substr(at + 1);
    name.resize(at);
    if (!digest_hex(reference.digest)) return bad("bad digest");
  }
  const auto slash = name.rfind('/');
  const auto colon = name.find(':', slash == std::string::npos ? 0 : slash);
  if (colon != std::string::npos) {
    reference.tag = name.substr(colon + 1);
    name.resize(colon);
    if (!is_tag(reference.tag)) return bad("bad tag");
  } else if (reference.digest.empty()) {
    reference.tag = "latest";
  }
  if (is_sha256_hex(name)) return bad("64 hexadecimal digits are an id, not a name");
  reference.repository = long_repository(name);
  if (!is_repository(reference.repository)) return bad("bad name");
  return reference;
}

Result<std::string> normalize_reference(const std::string& reference) {
  auto parsed = parse_reference(reference);
  if (!parsed) return std::unexpected(parsed.error());
  return parsed->text();
}

std::string file_name_for(const std::string& text) {
  std::string name = text.empty() || text.front() == '.' ? "%" + text : text;
  std::ranges::replace(name, '/', '%');
  // A hashed name is longer than any plain one, so that the two never meet.
  if (name.size() > max_plain_file_name) name = name.substr(0, cut_file_name) + "%" + sha256_hex(text);
  return name;
}

}  // namespace podsd::image

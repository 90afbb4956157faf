// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "spec/names.hpp"

namespace podsd::spec {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool lower_or_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'z');
}
bool alphanumeric(char c) {
  return lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

struct Parts {
  std::string_view path;  ///< with the host
  std::string_view tag;
  std::string_view digest;
  bool has_tag = false;
  bool has_digest = false;
};

Parts split(std::string_view text) {
  Parts out;
  const std::size_t at = text.find('@');
  out.has_digest = at != std::string_view::npos;
  if (out.has_digest) out.digest = text.substr(at + 1);
  text = text.substr(0, at);
  const std::size_t colon = text.rfind(':');
  // A ':' before the last '/' belongs to the host's port.
  out.has_tag = colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos;
  out.path = out.has_tag ? text.substr(0, colon) : text;
  if (out.has_tag) out.tag = text.substr(colon + 1);
  return out;
}

bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 128 || tag[0] == '-' || tag[0] == '.') return false;
  return std::ranges::all_of(tag, [](char c) { return alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

// algorithm ':' hex, the algorithms that OCI registers.
bool is_digest(std::string_view digest) {
  const bool sha512 = digest.starts_with("sha512:");
  if (!sha512 && !digest.starts_with("sha256:")) return false;
  digest.remove_prefix(7);
  return digest.size() == (sha512 ? 128 : 64) &&
         std::ranges::all_of(digest, [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
}

// Runs of a-z 0-9 with one '.', one or two '_', or any number of '-' between them.
bool is_component(std::string_view text) {
  if (text.empty() || !lower_or_digit(text.front()) || !lower_or_digit(text.back())) return false;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (!lower_or_digit(text[end])) ++end;
    const std::string_view separator = text.substr(i, end - i);
    const bool dashes = separator.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
    i = end + 1;
  }
  return true;
}

bool is_host(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, digit)) return false;
    text = text.substr(0, colon);
  }
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return alphanumeric(c) || c == '.' || c == '-'; });
}

bool is_path(std::string_view path) {
  const std::size_t slash = path.find('/');
  const std::string_view first = path.substr(0, slash);
  // The first part is a host if it could be nothing else.
  const bool host = slash != std::string_view::npos &&
                    (first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
                     std::ranges::any_of(first, [](char c) { return c >= 'A' && c <= 'Z'; }));
  if (host && !is_host(first)) return false;
  if (host) path.remove_prefix(slash + 1);
  if (path.empty() || path.size() > 255) return false;
  for (;;) {
    const std::size_t next = path.find('/');
    if (!is_component(path.substr(0, next))) return false;
    if (next == std::string_view::npos) return true;
    path.remove_prefix(next + 1);
  }
}

}  // namespace

std::string check_image(std::string_view text) {
  const Parts parts = split(text);
  if (parts.has_digest && !is_digest(parts.digest))
    return "a digest such as sha256: and 64 hexadecimal digits";
  if (parts.has_tag && !is_tag(parts.tag)) return "a tag of letters, digits, '_', '.' and '-'";
  if (!is_path(parts.path)) return "an image reference such as docker.io/library/nginx:1.27, in lower case";
  return "";
}

bool image_is_latest(std::string_view text) {
  const Parts parts = split(text);
  return parts.has_tag ? parts.tag == "latest" : !parts.has_digest;
}

}  // namespace podsd::spec

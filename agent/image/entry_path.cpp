// SPDX-License-Identifier: Apache-2.0
#include "agent/image/entry_path.hpp"

namespace podsd::image {
namespace {

constexpr std::string_view aufs_prefix = ".wh..wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";

}  // namespace

Result<EntryPath> parse_entry_path(std::string_view text) {
  EntryPath path;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    const auto component = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    if (component.empty() || component == ".") continue;
    if (component == "..") return fail("path with ..", std::string(text.substr(0, 200)));
    if (!path.name.empty()) path.parent = path.text();
    path.name = component;
  }
  return path;
}

Result<Marker> marker_of(const EntryPath& path) {
  const bool on_the_way = ("/" + path.parent).find("/.wh.") != std::string::npos;
  const bool aufs_folder = ("/" + path.parent).find("/.wh..wh.") != std::string::npos;
  if (aufs_folder) return Marker::ignored;
  if (on_the_way) return fail("whiteout used as a folder", path.text());
  if (!path.name.starts_with(whiteout_prefix)) return Marker::none;
  if (path.name == opaque_name) return Marker::opaque;
  const std::string hidden = path.name.substr(whiteout_prefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") return fail("whiteout without a name", path.text());
  return path.name.starts_with(aufs_prefix) ? Marker::ignored : Marker::whiteout;
}

}  // namespace podsd::image

// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/id_map.hpp"

#include <fcntl.h>

#include <cerrno>
#include <charconv>

#include "agent/os/unique_fd.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t most_extents = 340;         // since Linux 4.15
constexpr std::uint64_t end_of_ids = 0xffffffff;  // (uid_t)-1 is no id

bool overlap(std::uint32_t a, std::uint32_t b, const IdExtent& of_a, const IdExtent& of_b) {
  return a < std::uint64_t{b} + of_b.size && b < std::uint64_t{a} + of_a.size;
}

Result<void> write_file(pid_t pid, const char* name, const std::string& text) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return fail("cannot open", path, errno);
  if (write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail("cannot write", path, errno);
  return {};
}

}  // namespace

Result<void> check_map(const IdMap& map) {
  if (map.empty()) return fail("has no extent");
  if (map.size() > most_extents) return fail("has more than 340 extents");
  for (std::size_t i = 0; i < map.size(); ++i) {
    const IdExtent& one = map[i];
    if (one.size == 0) return fail("has an empty extent");
    if (one.inside + std::uint64_t{one.size} > end_of_ids ||
        one.outside + std::uint64_t{one.size} > end_of_ids)
      return fail("passes the last id, 4294967294");
    for (std::size_t j = 0; j < i; ++j)
      if (overlap(one.inside, map[j].inside, one, map[j]) ||
          overlap(one.outside, map[j].outside, one, map[j]))
        return fail("has extents that overlap");
  }
  return {};
}

std::string map_text(const IdMap& map) {
  std::string text;
  for (const auto& [inside, outside, size] : map)
    text += std::to_string(inside) + " " + std::to_string(outside) + " " + std::to_string(size) + "\n";
  return text;
}

IdMap parse_map(std::string_view text) {
  IdMap map;
  std::uint32_t numbers[3];
  const char* at = text.data();
  const char* end = at + text.size();
  for (int n = 0; at < end;) {
    if (*at == ' ' || *at == '\n') {
      ++at;
      continue;
    }
    auto [next, error] = std::from_chars(at, end, numbers[n]);
    if (error != std::errc()) return {};
    at = next;
    if (++n < 3) continue;
    map.push_back({numbers[0], numbers[1], numbers[2]});
    n = 0;
  }
  return map;
}

Result<void> write_maps(pid_t pid, const UserMaps& maps) {
  if (auto done = write_file(pid, "uid_map", map_text(maps.uids)); !done) return done;
  return write_file(pid, "gid_map", map_text(maps.gids));
}

}  // namespace podsd::runtime

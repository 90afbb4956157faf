// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/id_ranges.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

struct Extent {
  std::uint64_t first, size;
};

/// A field of a line like "name:x:1000:…".
std::optional<std::uint64_t> number(const std::string& line, int field) {
  std::size_t at = 0;
  for (int i = 0; i < field; ++i) {
    at = line.find(':', at);
    if (at == std::string::npos) return std::nullopt;
    ++at;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(line.data() + at, line.data() + line.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

/// Ids that are somebody's: subuid(5), subgid(5), passwd(5), group(5).
std::vector<Extent> occupied(const std::filesystem::path& accounts) {
  std::vector<Extent> extents;
  for (const char* name : {"subuid", "subgid", "passwd", "group"}) {
    const bool sub = std::string_view(name).starts_with("sub");
    std::istringstream lines(os::read_file(accounts / name, 16U << 20).value_or(""));
    for (std::string line; std::getline(lines, line);) {
      const auto first = number(line, sub ? 1 : 2);
      const auto size = sub ? number(line, 2) : 1;
      if (first && size && !line.starts_with("podsd:")) extents.push_back({*first, *size});
    }
  }
  return extents;
}

bool overlaps(std::uint64_t first, const Extent& other) {
  return first < other.first + other.size && other.first < first + ids_per_pod;
}

}  // namespace

Result<void> IdRanges::load() {
  if (ranges_) return {};
  const auto text = os::read_file(file_);
  if (!text && text.error().code != ENOENT) return std::unexpected(text.error());
  std::map<std::string, std::uint32_t> ranges;
  const auto json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json::object();
  std::set<std::uint32_t> seen;
  bool valid = json.is_object();
  if (valid)
    for (const auto& [name, first] : json.items()) {
      valid = valid && first.is_number_unsigned() && first.get<std::uint64_t>() <= UINT32_MAX - ids_per_pod &&
              first.get<std::uint64_t>() % ids_per_pod == 0 && first != 0U &&
              seen.insert(first.get<std::uint32_t>()).second;
      if (valid) ranges[name] = first.get<std::uint32_t>();
    }
  if (!valid) return fail("the record of the pods' user ids is damaged", file_);
  ranges_ = std::move(ranges);
  return {};
}

Result<void> IdRanges::save() const {
  return os::replace_file(file_, nlohmann::json(*ranges_).dump() + "\n", true);
}

Result<std::uint32_t> IdRanges::peek(const std::string& sandbox) {
  if (auto loaded = load(); !loaded) return std::unexpected(loaded.error());
  if (const auto has = ranges_->find(sandbox); has != ranges_->end()) return has->second;
  const std::vector<Extent> others = occupied(accounts_);
  for (std::uint32_t i = 0; i < config_.pods; ++i) {
    const std::uint32_t first = config_.first_id + i * ids_per_pod;
    const bool given = std::ranges::any_of(*ranges_, [&](const auto& one) { return one.second == first; });
    if (!given && std::ranges::none_of(others, [&](const Extent& e) { return overlaps(first, e); }))
      return first;
  }
  return fail("no user ids are left for another pod with hostUsers: false (userNamespaces of podsd.yaml: " +
              std::to_string(config_.pods) + " pods from " + std::to_string(config_.first_id) + " on)");
}

Result<std::uint32_t> IdRanges::take(const std::string& sandbox) {
  const auto first = peek(sandbox);
  if (!first || ranges_->contains(sandbox)) return first;
  ranges_->emplace(sandbox, *first);
  if (auto saved = save(); !saved) {
    ranges_->erase(sandbox);
    return std::unexpected(saved.error());
  }
  return first;
}

std::uint32_t IdRanges::find(const std::string& sandbox) {
  if (!load()) return 0;
  const auto has = ranges_->find(sandbox);
  return has == ranges_->end() ? 0 : has->second;
}

Result<void> IdRanges::free(const std::string& sandbox) {
  if (auto loaded = load(); !loaded) return loaded;
  if (ranges_->erase(sandbox) == 0) return {};
  return save();
}

std::set<std::string> IdRanges::sandboxes() {
  std::set<std::string> names;
  if (load())
    for (const auto& [name, first] : *ranges_) names.insert(name);
  return names;
}

}  // namespace podsd::engine

// SPDX-License-Identifier: Apache-2.0
#include "agent/image/user.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <ranges>
#include <string_view>

#include "agent/image/merged.hpp"

namespace podsd::image {
namespace {

using Fields = std::vector<std::string_view>;

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The highest 32-bit id means "no change" to the kernel, so it is nobody's.
std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool good = is_number(text) && error == std::errc() && end == text.data() + text.size();
  if (!good || id == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return id;
}

Fields split(std::string_view text, char separator) {
  Fields fields;
  while (true) {
    const auto end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

/// An account file's well-formed lines as fields.
std::vector<Fields> entries_of(std::string_view text, std::size_t least_fields) {
  std::vector<Fields> entries;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with('#') || has_control(line)) continue;
    Fields fields = split(line, ':');
    if (fields.size() >= least_fields && !fields[0].empty() && parse_id(fields[2]))
      entries.push_back(std::move(fields));
  }
  return entries;
}

Result<std::string> read_account_file(const std::vector<UniqueFd>& roots, const std::string& path) {
  const auto fd = open_merged(roots, path);
  if (!fd && fd.error().code == ENOENT) return "";
  if (!fd) return std::unexpected(fd.error());
  std::string text;
  char buffer[4096];
  while (text.size() <= max_account_file_bytes) {
    const ssize_t n = ::read(fd->get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot read", path, errno);
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return fail("file of the image too large", path, EFBIG);
}

/// What passwd(5) says of the user; id and name are those asked for where it says nothing.
struct Account {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string name;
  std::string home = "/";
};

Result<Account> find_account(std::string_view user, const std::vector<Fields>& passwd) {
  const auto id = parse_id(user);
  if (is_number(user) && !id) return fail("user id beyond 32 bits", std::string(user));
  const auto same = [&](const Fields& entry) { return id ? parse_id(entry[2]) == id : entry[0] == user; };
  const auto found = std::ranges::find_if(passwd, same);
  Account account;
  account.uid = id.value_or(0);
  if (found == passwd.end()) {
    if (!id) return fail("no such user in the image's /etc/passwd", std::string(user));
    return account;
  }
  const Fields& entry = *found;
  account.uid = *parse_id(entry[2]);
  account.gid = parse_id(entry[3]).value_or(0);
  account.name = entry[0];
  if (entry[5].starts_with('/')) account.home = entry[5];
  return account;
}

Result<std::uint32_t> find_group(std::string_view group, const std::vector<Fields>& groups) {
  if (const auto id = parse_id(group)) return *id;
  if (is_number(group)) return fail("group id beyond 32 bits", std::string(group));
  const auto found = std::ranges::find_if(groups, [&](const Fields& entry) { return entry[0] == group; });
  if (found == groups.end()) return fail("no such group in the image's /etc/group", std::string(group));
  return *parse_id((*found)[2]);
}

std::vector<std::uint32_t> groups_of(const Account& account, std::uint32_t gid,
                                     const std::vector<Fields>& groups) {
  std::vector<std::uint32_t> gids{gid};
  if (account.name.empty()) return gids;
  for (const Fields& entry : groups) {
    const Fields members = split(entry[3], ',');
    const std::uint32_t id = *parse_id(entry[2]);
    if (std::ranges::find(members, account.name) != members.end() &&
        std::ranges::find(gids, id) == gids.end())
      gids.push_back(id);
  }
  return gids;
}

}  // namespace

Result<UserInfo> resolve_user(const Image& image, const std::string& user,
                              std::optional<std::uint32_t> run_as_user,
                              std::optional<std::uint32_t> run_as_group) {
  if (has_control(user)) return fail("user name holds a control character", image.name);
  const std::string wanted = run_as_user ? std::to_string(*run_as_user) : user;
  const auto colon = wanted.find(':');
  const std::string name = wanted.substr(0, colon);
  const std::string group = colon == std::string::npos ? "" : wanted.substr(colon + 1);

  auto roots = open_layers(image.layers);
  if (!roots) return std::unexpected(roots.error());
  const auto passwd = read_account_file(*roots, "etc/passwd");
  if (!passwd) return std::unexpected(passwd.error());
  const auto groups = read_account_file(*roots, "etc/group");
  if (!groups) return std::unexpected(groups.error());
  const auto group_entries = entries_of(*groups, 4);

  const auto account = find_account(name.empty() ? "0" : name, entries_of(*passwd, 6));
  if (!account) return std::unexpected(account.error());
  std::uint32_t gid = run_as_group.value_or(account->gid);
  if (run_as_group == std::numeric_limits<std::uint32_t>::max())
    return fail("group id beyond 32 bits", "4294967295");
  if (!run_as_group && !group.empty()) {
    const auto found = find_group(group, group_entries);
    if (!found) return std::unexpected(found.error());
    gid = *found;
  }
  return UserInfo{account->uid, gid, groups_of(*account, gid, group_entries), account->home};
}

}  // namespace podsd::image

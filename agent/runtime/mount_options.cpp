// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/mount_options.hpp"

#include <linux/mount.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

namespace podsd::runtime {
namespace {

constexpr unsigned long access_time = MS_NOATIME | MS_RELATIME | MS_STRICTATIME;

struct Flag {
  std::string_view name;
  unsigned long set, clear;
};

constexpr Flag flags[] = {
    {"defaults", 0, 0},
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"nosuid", MS_NOSUID, 0},
    {"suid", 0, MS_NOSUID},
    {"nodev", MS_NODEV, 0},
    {"dev", 0, MS_NODEV},
    {"noexec", MS_NOEXEC, 0},
    {"exec", 0, MS_NOEXEC},
    {"nosymfollow", MS_NOSYMFOLLOW, 0},
    {"symfollow", 0, MS_NOSYMFOLLOW},
    {"noatime", MS_NOATIME, access_time},
    {"atime", 0, MS_NOATIME},
    {"relatime", MS_RELATIME, access_time},
    {"norelatime", 0, MS_RELATIME},
    {"strictatime", MS_STRICTATIME, access_time},
    {"nostrictatime", 0, MS_STRICTATIME},
    {"nodiratime", MS_NODIRATIME, 0},
    {"diratime", 0, MS_NODIRATIME},
    {"sync", MS_SYNCHRONOUS, 0},
    {"async", 0, MS_SYNCHRONOUS},
    {"dirsync", MS_DIRSYNC, 0},
    {"lazytime", MS_LAZYTIME, 0},
    {"nolazytime", 0, MS_LAZYTIME},
    {"mand", MS_MANDLOCK, 0},
    {"nomand", 0, MS_MANDLOCK},
    {"iversion", MS_I_VERSION, 0},
    {"noiversion", 0, MS_I_VERSION},
    {"silent", MS_SILENT, 0},
    {"loud", 0, MS_SILENT},
};

constexpr Flag propagations[] = {
    {"private", MS_PRIVATE, 0},       {"rprivate", MS_PRIVATE | MS_REC, 0},
    {"slave", MS_SLAVE, 0},           {"rslave", MS_SLAVE | MS_REC, 0},
    {"shared", MS_SHARED, 0},         {"rshared", MS_SHARED | MS_REC, 0},
    {"unbindable", MS_UNBINDABLE, 0}, {"runbindable", MS_UNBINDABLE | MS_REC, 0},
};

struct RecursiveFlag {
  std::string_view name;
  std::uint64_t set, clear;
};

constexpr RecursiveFlag recursive_flags[] = {
    {"rro", MOUNT_ATTR_RDONLY, 0},
    {"rrw", 0, MOUNT_ATTR_RDONLY},
    {"rnosuid", MOUNT_ATTR_NOSUID, 0},
    {"rsuid", 0, MOUNT_ATTR_NOSUID},
    {"rnodev", MOUNT_ATTR_NODEV, 0},
    {"rdev", 0, MOUNT_ATTR_NODEV},
    {"rnoexec", MOUNT_ATTR_NOEXEC, 0},
    {"rexec", 0, MOUNT_ATTR_NOEXEC},
    {"rnodiratime", MOUNT_ATTR_NODIRATIME, 0},
    {"rdiratime", 0, MOUNT_ATTR_NODIRATIME},
    {"rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0},
    {"rsymfollow", 0, MOUNT_ATTR_NOSYMFOLLOW},
    {"rrelatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"rnorelatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME},
    {"ratime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
    {"rstrictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME},
    {"rnostrictatime", MOUNT_ATTR_RELATIME, MOUNT_ATTR__ATIME},
};

template <typename Entry, std::size_t n>
const Entry* find(const Entry (&table)[n], std::string_view name) {
  auto found = std::ranges::find(table, name, &Entry::name);
  return found == std::end(table) ? nullptr : found;
}

void apply(const RecursiveFlag& flag, MountOptions& result) {
  // A mode of access time replaces the one before; a plain bit is either set or cleared.
  result.recursive_set = (result.recursive_set & ~flag.clear) | flag.set;
  result.recursive_clear = (result.recursive_clear & ~flag.set) | flag.clear;
}

bool apply_known(const std::string& option, MountOptions& result) {
  if (option == "bind" || option == "rbind") {
    result.bind = true;
    result.recursive = option == "rbind";
  } else if (option == "idmap" || option == "ridmap") {
    result.idmap = true;
    result.idmap_recursive = option == "ridmap";
  } else if (option == "remount") {
    result.remount = true;
  } else if (option == "tmpcopyup") {
    result.copy_up = true;
  } else if (const Flag* flag = find(flags, option)) {
    result.flags = (result.flags & ~flag->clear) | flag->set;
  } else if (const Flag* propagation = find(propagations, option)) {
    result.propagation = propagation->set;
  } else if (const RecursiveFlag* recursive = find(recursive_flags, option)) {
    apply(*recursive, result);
  } else {
    return false;
  }
  return true;
}

}  // namespace

MountOptions parse_mount_options(const std::vector<std::string>& options) {
  MountOptions result;
  for (const auto& option : options) {
    if (option.empty() || apply_known(option, result)) continue;
    if (!result.data.empty()) result.data += ',';
    result.data += option;
  }
  return result;
}

unsigned long propagation_flags(const std::string& name) {
  const Flag* found = find(propagations, name);
  return found == nullptr ? 0 : found->set;
}

std::vector<std::string> mount_option_names() {
  std::vector<std::string> names = {"bind", "rbind", "remount", "tmpcopyup"};
  for (const auto& flag : flags) names.emplace_back(flag.name);
  for (const auto& propagation : propagations) names.emplace_back(propagation.name);
  for (const auto& flag : recursive_flags) names.emplace_back(flag.name);
  return names;
}

MountAttributes mount_attributes(unsigned long flags) {
  MountAttributes attributes;
  struct Pair {
    unsigned long flag;
    std::uint64_t attribute;
  };
  for (auto [flag, attribute] :
       {Pair{MS_RDONLY, MOUNT_ATTR_RDONLY}, Pair{MS_NOSUID, MOUNT_ATTR_NOSUID},
        Pair{MS_NODEV, MOUNT_ATTR_NODEV}, Pair{MS_NOEXEC, MOUNT_ATTR_NOEXEC},
        Pair{MS_NODIRATIME, MOUNT_ATTR_NODIRATIME}, Pair{MS_NOSYMFOLLOW, MOUNT_ATTR_NOSYMFOLLOW}})
    if ((flags & flag) != 0) attributes.set |= attribute;
  if ((flags & access_time) != 0) attributes.clear = MOUNT_ATTR__ATIME;
  if ((flags & MS_NOATIME) != 0) attributes.set |= MOUNT_ATTR_NOATIME;
  if ((flags & MS_STRICTATIME) != 0) attributes.set |= MOUNT_ATTR_STRICTATIME;
  return attributes;
}

}  // namespace podsd::runtime

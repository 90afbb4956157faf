// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::runtime {

/// What a list of OCI mount options asks for (runtime-spec, config.md "mounts", the option table; mount(8)).
struct MountOptions {
  bool bind = false;
  bool remount = false;
  bool recursive = false;        ///< rbind
  bool idmap = false;            ///< idmap, ridmap: with the ids of a user namespace
  bool idmap_recursive = false;  ///< ridmap
  bool copy_up = false;          ///< tmpcopyup: begins with what the target has
  unsigned long flags = 0;       ///< MS_* of mount(2): per mount and per superblock, without bind and remount
  unsigned long propagation =
      0;  ///< MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE; with MS_REC for the r… forms
  std::uint64_t recursive_set = 0;    ///< MOUNT_ATTR_* for the whole tree: rro, rnosuid, …
  std::uint64_t recursive_clear = 0;  ///< the same for rrw, rsuid, …
  std::string data;                   ///< everything else, comma-separated: "size=64k,mode=0755"
};

/// Later options win over earlier ones.
[[nodiscard]] MountOptions parse_mount_options(const std::vector<std::string>& options);

/// MS_PRIVATE, MS_SLAVE | MS_REC, … of "private", "rslave", …; 0 for any other word.
[[nodiscard]] unsigned long propagation_flags(const std::string& name);

/// The names of all options that are not a file system's own.
[[nodiscard]] std::vector<std::string> mount_option_names();

/// The per-mount part of MS_* flags as MOUNT_ATTR_* of mount_setattr(2): what to set, and what to clear
/// before it (the access time mode is one field of several bits).
struct MountAttributes {
  std::uint64_t set = 0, clear = 0;
};
[[nodiscard]] MountAttributes mount_attributes(unsigned long flags);

}  // namespace podsd::runtime

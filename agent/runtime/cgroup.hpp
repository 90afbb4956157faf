// SPDX-License-Identifier: Apache-2.0
// One cgroup of the unified hierarchy (cgroups(7), Documentation/admin-guide/cgroup-v2.rst), held by a file
// descriptor of its folder.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/cgroup_values.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

class Cgroup {
 public:
  /// Opens the cgroup of that path, "/…" from the hierarchy's root on. Errors: it does not exist (ENOENT);
  /// there is no unified hierarchy.
  [[nodiscard]] static Result<Cgroup> open(const std::string& path);

  /// Makes it with its parents, and lets the controllers `needed` and those that statistics come from into
  /// it, as far as the kernel can. Afterwards made() are the folders that were not there. Errors: it has
  /// processes; it is frozen.
  [[nodiscard]] static Result<Cgroup> make(const std::string& path, std::span<const std::string_view> needed);

  /// Lets controllers into a cgroup that is there, by way of all above it, where they are not: those of which
  /// systemd knows nothing (hugetlb, rdma). What cannot be shows when a limit is set.
  void let_in(std::span<const std::string_view> needed) const;

  [[nodiscard]] const UniqueFd& folder() const { return folder_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] Result<std::string> read(const std::string& file) const;
  /// Each line of the text by a write(2) of its own.
  [[nodiscard]] Result<void> write(const std::string& file, std::string_view text) const;

  /// Writes all values. Where one cannot be written, those before it get back what they were. Errors name the
  /// field, and the controller where that is missing, unless the value is what holds without it.
  [[nodiscard]] Result<void> apply(std::span<const CgroupValue> values) const;

  /// What takes these values back once they are written.
  [[nodiscard]] std::vector<CgroupValue> current(std::span<const CgroupValue> values) const;
  /// Writes what current() gave, as far as it can be.
  void restore(std::span<const CgroupValue> values) const;

  /// Gives its folder, and the files that the kernel lists for that (/sys/kernel/cgroup/delegate), to a user
  /// of the host. The groups stay.
  [[nodiscard]] Result<void> give_to(std::uint32_t uid) const;

  /// The processes in it and below, as numbers of this process's pid namespace.
  [[nodiscard]] Result<std::vector<int>> processes() const;

  /// Stops all processes, or lets them go on, and waits until that has happened. Errors: not within ten
  /// seconds; then they go on.
  [[nodiscard]] Result<void> freeze(bool frozen) const;
  [[nodiscard]] bool frozen() const;

  /// Ends all processes in it and below (cgroup.kill), and waits for that. Errors: not within ten seconds.
  [[nodiscard]] Result<void> kill() const;

  /// Removes it with all below. Nothing there is no error. Errors: it has processes.
  [[nodiscard]] Result<void> remove() const;
  /// Takes back what make() made, parents too.
  void unmake() const;

 private:
  Cgroup(std::string path, UniqueFd folder) : path_(std::move(path)), folder_(std::move(folder)) {}
  [[nodiscard]] Result<void> apply_one(const CgroupValue& value) const;
  [[nodiscard]] Result<void> await_event(std::string_view line) const;

  std::string path_;
  UniqueFd folder_;
  std::vector<std::string> made_;
};

/// The path of a process's cgroup in the unified hierarchy, as this process sees it: the line "0::PATH" of
/// /proc/PROCESS/cgroup. Empty where there is no such hierarchy.
[[nodiscard]] Result<std::string> cgroup_path_of(const std::string& process);

}  // namespace podsd::runtime

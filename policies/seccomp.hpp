// SPDX-License-Identifier: Apache-2.0
// Seccomp profiles as data: which system calls a container may make. Plain values in the form of the OCI
// specification (config-linux.md, "Seccomp"), the default profile, and its translation to the kernel's BPF.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "spec/result.hpp"

namespace podsd::policies {

/// What the kernel does with a call, as SCMP_ACT_* (seccomp(2), "Filter return values").
enum class SeccompAction { kill_thread, kill_process, trap, error, trace, log, allow, notify };

/// How an argument is compared, as SCMP_CMP_*. All comparisons are of 64 bits, unsigned.
enum class SeccompOp { not_equal, less, less_or_equal, equal, greater_or_equal, greater, masked_equal };

struct SeccompArgument {
  unsigned index = 0;           ///< 0 to 5
  std::uint64_t value = 0;      ///< of masked_equal: the mask
  std::uint64_t value_two = 0;  ///< of masked_equal: what the masked argument must be
  SeccompOp op = SeccompOp::equal;
  bool operator==(const SeccompArgument&) const = default;
};

/// One rule for several calls; with arguments it holds where all of them match.
struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action = SeccompAction::allow;
  std::optional<std::uint32_t> error;  ///< of actions error and trace; absent: EPERM
  std::vector<SeccompArgument> arguments;
  bool operator==(const SeccompRule&) const = default;
};

struct SeccompProfile {
  SeccompAction default_action = SeccompAction::allow;
  std::optional<std::uint32_t> default_error;
  std::vector<std::string> architectures;  ///< "SCMP_ARCH_X86_64"; empty: the native one
  std::vector<std::string> flags;          ///< "SECCOMP_FILTER_FLAG_LOG"
  std::string listener_path, listener_metadata;
  std::vector<SeccompRule> rules;
  bool operator==(const SeccompProfile&) const = default;
};

/// The profile RuntimeDefault for a container that may gain these capabilities ("CAP_SYS_ADMIN"): its
/// bounding set. It is the stricter merge of what container engines use: an unknown call is ENOSYS, so that
/// programs fall back to what they know; a dangerous one is EPERM; clone3(2), whose flags a filter cannot
/// see, is ENOSYS; only the native architecture has an entry, since every other one has other numbers and, on
/// i386, socketcall(2) hides the arguments.
[[nodiscard]] SeccompProfile default_seccomp_profile(const std::set<std::string, std::less<>>& capabilities);

/// What a compiled filter could not say.
struct SeccompNotes {
  std::vector<std::string> unknown;  ///< names of calls that this libseccomp does not know, and so left out
  bool notifies = false;             ///< it has a rule with SeccompAction::notify
};

/// Compiles a profile to an array of struct sock_filter in the host's byte order. libseccomp gives it by
/// nothing but a file descriptor: the caller's, such as a memfd. Errors name the rule.
[[nodiscard]] Result<SeccompNotes> compile_seccomp(const SeccompProfile& profile, int fd);

}  // namespace podsd::policies

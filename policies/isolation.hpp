// SPDX-License-Identifier: Apache-2.0
// What every container is kept from, unless its manifest asks for more.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "spec/pod.hpp"

namespace podsd::policies {

/// Capabilities of a container's root user: bounding, permitted and effective; inheritable and ambient stay
/// empty.
inline constexpr std::array<std::string_view, 11> default_capabilities{
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER",  "CAP_FSETID", "CAP_KILL",      "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP", "CAP_SETGID",       "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"};

/// The capabilities ("CAP_CHOWN") that a container's root user has: the default set, or every one where it is
/// privileged, with securityContext.capabilities over it in the CRI's order: ALL added, ALL dropped, single
/// ones added, single ones dropped.
[[nodiscard]] std::set<std::string, std::less<>> container_capabilities(
    const spec::SecurityContext& security);

/// OCI linux.maskedPaths
inline constexpr std::array<std::string_view, 12> masked_paths{
    "/proc/acpi",        "/proc/kcore",   "/proc/keys",       "/proc/latency_stats",
    "/proc/sched_debug", "/proc/scsi",    "/proc/timer_list", "/proc/timer_stats",
    "/proc/interrupts",  "/sys/firmware", "/sys/fs/selinux",  "/sys/devices/virtual/powercap"};

/// OCI linux.readonlyPaths
inline constexpr std::array<std::string_view, 5> readonly_paths{"/proc/bus", "/proc/fs", "/proc/irq",
                                                                "/proc/sys", "/proc/sysrq-trigger"};

}  // namespace podsd::policies

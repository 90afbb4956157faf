// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "agent/runtime/commands.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/log.hpp"

namespace podsd::runtime {
namespace {

// What capset(2) would let this process have.
std::uint64_t held_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) < 0) return 0;
  return std::uint64_t{data[1].permitted} << 32 | data[0].permitted;
}

}  // namespace

Result<Plan> prepare_plan(const Options& options, const Config& config, Result<Plan> plan) {
  if (!plan) return plan;
  for (const auto& name : plan->ungranted)
    log_warning(options, "a capability that cannot be granted is left out: " + name);
  // Who enters a user namespace has every capability in it.
  const bool all = std::ranges::count(config.namespaces, "user", &Namespace::type) != 0;
  for (const auto& name : limit_capabilities(*plan, all ? ~std::uint64_t{0} : held_capabilities()))
    log_warning(options, "a capability that the runtime itself lacks is left out: " + name);
  if (config.seccomp.empty()) return plan;
  if (options.cache.empty()) static_cast<void>(make_directories(options.root));
  auto filter =
      seccomp_filter(config.seccomp, options.cache.empty() ? options.root + "/.seccomp" : options.cache);
  if (!filter) return std::unexpected(filter.error());
  for (const auto& name : filter->unknown)
    log_warning(options, "seccomp: an unknown system call is left out: " + name);
  plan->filter = std::move(*filter);
  return plan;
}

}  // namespace podsd::runtime

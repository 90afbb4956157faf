// SPDX-License-Identifier: Apache-2.0
// Preloaded in the benchmarks' machine: crun raises RLIMIT_MEMLOCK before it loads its device filter, and
// fails where that is not allowed. BPF programs have not counted against that limit since kernel 5.11, so the
// call may as well succeed.
#include <sys/resource.h>

extern "C" int setrlimit(__rlimit_resource_t resource, const rlimit* limit) noexcept {
  if (resource == RLIMIT_MEMLOCK) return 0;
  return prlimit(0, static_cast<__rlimit_resource>(resource), limit, nullptr);
}

extern "C" int setrlimit64(__rlimit_resource_t resource, const rlimit64* limit) noexcept {
  if (resource == RLIMIT_MEMLOCK) return 0;
  return prlimit64(0, static_cast<__rlimit_resource>(resource), limit, nullptr);
}

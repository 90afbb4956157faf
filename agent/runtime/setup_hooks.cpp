// SPDX-License-Identifier: Apache-2.0
// Where the runtime has something to do between the set-up and the new root, and the hooks of that time.
#include <unistd.h>

#include <cerrno>

#include "agent/runtime/init.hpp"
#include "agent/runtime/setup.hpp"

namespace podsd::runtime {

Result<void> apply(Setup& setup, const AwaitRuntime& op) {
  char answer;
  ssize_t n = write(setup.runtime->get(), op.for_devices ? &word::devices : &word::ready, 1);
  if (n == 1) do
      n = read(setup.runtime->get(), &answer, 1);
    while (n < 0 && errno == EINTR);
  if (n != 1) return fail("the runtime is gone");
  return {};
}

Result<void> apply(Setup& setup, const RunHooks& op) {
  return run_hooks(op.hooks, "createContainer", state_text(*setup.state, Status::creating, getpid()),
                   setup.bundle);
}

}  // namespace podsd::runtime

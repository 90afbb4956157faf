// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "spec/result.hpp"

namespace podsd::runtime {

/// Makes sure that this program cannot be written through /proc/PID/exe by a container that executes it (an
/// image whose program is "#!/proc/self/exe"). A program on a read-only mount, as podsd-sandbox makes for it,
/// is safe, and this costs one system call. Otherwise the program executes itself once more from a detached
/// read-only mount of its own file, which costs one execve(2) and no copy.
[[nodiscard]] Result<void> protect_self(char** argv);

}  // namespace podsd::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// A file as a block device (loop(4)): for kernels that mount no file by itself.
struct LoopDevice {
  UniqueFd fd;
  std::string path;  ///< "/dev/loop3"
};

/// A read-only device of `file`, an fd opened for reading. The kernel clears it when its last user is gone, a
/// mount or this fd (LO_FLAGS_AUTOCLEAR), so that not even SIGKILL leaves one behind. Errors: none is free,
/// no loop devices here.
[[nodiscard]] Result<LoopDevice> attach_loop(int file);

}  // namespace podsd::image

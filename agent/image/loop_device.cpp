// SPDX-License-Identifier: Apache-2.0
#include "agent/image/loop_device.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace podsd::image {

Result<LoopDevice> attach_loop(int file) {
  constexpr int most_races = 1000;
  const UniqueFd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  if (!control) return fail("cannot open", "/dev/loop-control", errno);
  loop_config config{};
  config.fd = static_cast<__u32>(file);
  config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
  for (int attempt = 0; attempt < most_races; ++attempt) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return fail("cannot get a loop device", {}, errno);
    LoopDevice device{{}, "/dev/loop" + std::to_string(number)};
    device.fd.reset(::open(device.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!device.fd) return fail("cannot open", device.path, errno);
    if (::ioctl(device.fd.get(), LOOP_CONFIGURE, &config) == 0) return device;
    // Free when it was asked for, and taken by somebody else since.
    if (errno != EBUSY) return fail("cannot set up", device.path, errno);
  }
  return fail("no loop device is free", {}, EBUSY);
}

}  // namespace podsd::image

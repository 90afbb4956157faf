// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/un.h>

#include <filesystem>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::sandbox {

/// The address of dir/"sandbox.sock", however long the path of dir is: sun_path ends at 108 bytes, so the
/// socket is named by way of an fd of its folder, which has to stay open while the address is used (unix(7)).
struct Address {
  UniqueFd dir;
  sockaddr_un name;
};

[[nodiscard]] Result<Address> socket_address(const std::filesystem::path& dir);

}  // namespace podsd::sandbox

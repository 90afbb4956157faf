// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::runtime {

/// The network devices of one network namespace (rtnetlink(7), netdevice(7)), for linux.netDevices.
class Links {
 public:
  /// Those of this process's namespace, also after it has gone to another one.
  [[nodiscard]] static Result<Links> open();

  /// Errors: ENODEV where there is none of that name.
  [[nodiscard]] Result<int> index_of(const std::string& name) const;

  /// The permanent addresses of global scope that a device has, as add_address() takes them.
  [[nodiscard]] Result<std::vector<std::string>> addresses_of(int index) const;
  [[nodiscard]] Result<void> add_address(int index, const std::string& address) const;

  /// Puts a device into another namespace, under that name. It is down there and has no addresses.
  [[nodiscard]] Result<void> move(int index, const UniqueFd& ns, const std::string& name) const;
  [[nodiscard]] Result<void> take_up(const std::string& name) const;

 private:
  explicit Links(UniqueFd socket) : socket_(std::move(socket)) {}
  UniqueFd socket_;
};

}  // namespace podsd::runtime

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "dbus/service.hpp"
#include "spec/result.hpp"

namespace podsd::dbus {

/// What the sockets of a unit's processes received and sent over IP since the unit began, loopback included
/// (systemd.resource-control(5), IPAccounting=).
struct Traffic {
  std::uint64_t ingress_bytes = 0;
  std::uint64_t ingress_packets = 0;
  std::uint64_t egress_bytes = 0;
  std::uint64_t egress_packets = 0;
};

/// podsctl's side of org.podsd1.Manager (service.hpp), and what it asks systemd itself: synchronous calls.
/// Error::subject is the D-Bus error name.
class ManagerProxy {
 public:
  virtual ~ManagerProxy() = default;
  [[nodiscard]] virtual Result<std::string> list_pods(const std::string& ns) = 0;
  [[nodiscard]] virtual Result<std::string> get_pod(const std::string& ns, const std::string& name) = 0;
  /// verb: "StartPod", "StopPod" or "RestartPod"; waits without a deadline of its own.
  [[nodiscard]] virtual Result<void> act(const std::string& verb, const std::string& ns,
                                         const std::string& name, const std::string& container) = 0;
  /// Brings an image into the store and waits for it, without a deadline; gives JSON (service.hpp).
  /// `progress` stays the caller's; -1: none.
  [[nodiscard]] virtual Result<std::string> pull_image(const std::string& reference, int progress) = 0;
  /// Starts a command in a container, without a deadline; gives a pidfd that is the caller's, or -1 where it
  /// has ended already. `fds` in the order of ExecFd; they stay the caller's.
  [[nodiscard]] virtual Result<int> exec(const ExecCall& call, const std::vector<int>& fds) = 0;
  /// Adds a session at a container that runs. `fds` in the order of AttachFd; they stay the caller's.
  [[nodiscard]] virtual Result<Attached> attach(const AttachCall& call, const std::vector<int>& fds) = 0;
  /// The root of a container that runs; its file descriptors become the caller's. `container` empty: the
  /// first.
  [[nodiscard]] virtual Result<ContainerRoot> open_root(const std::string& ns, const std::string& name,
                                                        const std::string& container) = 0;
  /// Of a slice, from systemd; std::nullopt where it counts nothing (the slice is gone, or the kernel has no
  /// BPF for cgroups).
  [[nodiscard]] virtual Result<std::optional<Traffic>> traffic(const std::string& slice) = 0;
};

/// Connects to the system bus, or to `address` where it is not empty. Errors: no bus. That the agent is not
/// running (and could not be started by the bus either) is the error of the first call, since asking costs a
/// call anyway.
[[nodiscard]] Result<std::unique_ptr<ManagerProxy>> connect_manager(const std::string& address);

}  // namespace podsd::dbus

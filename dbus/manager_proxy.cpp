// SPDX-License-Identifier: Apache-2.0
#include "dbus/manager_proxy.hpp"

#include <sdbus-c++/sdbus-c++.h>

#include <map>

#include "dbus/errors.hpp"
#include "dbus/labels.hpp"

namespace podsd::dbus {

namespace {

constexpr std::uint64_t no_deadline = UINT64_MAX;
constexpr std::uint64_t reading_deadline_usec = 25'000'000;

/// The D-Bus error as a person at a terminal wants to read it.
Error explained(const sdbus::Error& error) {
  const std::string& name = error.getName();
  const int code = errno_of(name);
  std::string what = error.getMessage().empty() ? name : error.getMessage();
  if (code == EHOSTUNREACH) what = "podsd is not running (no org.podsd1 on the bus)";
  if (code == ENOTCONN || code == ECONNRESET) what = "the connection to the bus was lost";
  if (name == "org.freedesktop.DBus.Error.NoReply") what = "podsd went away before it answered";
  if (name == "org.freedesktop.DBus.Error.AccessDenied")
    what = "the bus refuses this to users other than root";
  return Error{what, name, 0, nullptr};
}

class Proxy final : public ManagerProxy {
 public:
  explicit Proxy(std::unique_ptr<sdbus::IConnection> bus)
      : bus_(std::move(bus)), manager_(sdbus::createProxy(*bus_, "org.podsd1", "/org/podsd1")) {}

  Result<std::string> list_pods(const std::string& ns) override {
    return read("ListPods", [&](sdbus::MethodCall& call) { call << ns; });
  }

  Result<std::string> get_pod(const std::string& ns, const std::string& name) override {
    return read("GetPod", [&](sdbus::MethodCall& call) { call << ns << name; });
  }

  Result<void> act(const std::string& verb, const std::string& ns, const std::string& name,
                   const std::string& container) override {
    try {
      auto call = manager_->createMethodCall("org.podsd1.Manager", verb);
      call << ns << name << container;
      manager_->callMethod(call, no_deadline);
      return {};
    } catch (const sdbus::Error& error) {
      return std::unexpected(explained(error));
    }
  }

  Result<std::string> pull_image(const std::string& reference, int progress) override {
    std::vector<sdbus::UnixFd> fds;
    if (progress >= 0) fds.emplace_back(progress);
    return read(
        "PullImage", [&](sdbus::MethodCall& call) { call << reference << fds; }, no_deadline);
  }

  Result<int> exec(const ExecCall& asked, const std::vector<int>& fds) override {
    try {
      auto call = manager_->createMethodCall("org.podsd1.Manager", "Exec");
      call << asked.ns << asked.name << asked.container << asked.command << asked.rows << asked.columns
           << std::vector<sdbus::UnixFd>(fds.begin(), fds.end());
      auto reply = manager_->callMethod(call, no_deadline);
      std::vector<sdbus::UnixFd> pidfd;
      reply >> pidfd;
      return pidfd.empty() ? -1 : pidfd.front().release();
    } catch (const sdbus::Error& error) {
      return std::unexpected(explained(error));
    }
  }

  Result<Attached> attach(const AttachCall& asked, const std::vector<int>& fds) override {
    try {
      auto call = manager_->createMethodCall("org.podsd1.Manager", "Attach");
      call << asked.ns << asked.name << asked.container << asked.input
           << std::vector<sdbus::UnixFd>(fds.begin(), fds.end());
      auto reply = manager_->callMethod(call, reading_deadline_usec);
      Attached attached;
      reply >> attached.container >> attached.output >> attached.input >> attached.terminal;
      return attached;
    } catch (const sdbus::Error& error) {
      return std::unexpected(explained(error));
    }
  }

  Result<ContainerRoot> open_root(const std::string& ns, const std::string& name,
                                  const std::string& container) override {
    try {
      auto call = manager_->createMethodCall("org.podsd1.Manager", "OpenRoot");
      call << ns << name << container;
      auto reply = manager_->callMethod(call, reading_deadline_usec);
      sdbus::UnixFd fd, users;
      ContainerRoot root;
      reply >> fd >> users >> root.uid >> root.gid;
      root.fd = fd.release();
      root.users = users.release();
      return root;
    } catch (const sdbus::Error& error) {
      return std::unexpected(explained(error));
    }
  }

  Result<std::optional<Traffic>> traffic(const std::string& slice) override {
    try {
      const auto unit = sdbus::createProxy(*bus_, "org.freedesktop.systemd1", unit_path(slice));
      auto call = unit->createMethodCall("org.freedesktop.DBus.Properties", "GetAll");
      call << "org.freedesktop.systemd1.Slice";
      auto reply = unit->callMethod(call, reading_deadline_usec);
      std::map<std::string, sdbus::Variant> all;
      reply >> all;
      return traffic_of(all);
    } catch (const sdbus::Error& error) {
      return fail(error.getMessage(), error.getName());
    }
  }

 private:
  static std::optional<Traffic> traffic_of(const std::map<std::string, sdbus::Variant>& all) {
    const auto count = [&](const char* name) {
      const auto it = all.find(name);
      return it == all.end() ? UINT64_MAX : it->second.get<std::uint64_t>();
    };
    const Traffic traffic{count("IPIngressBytes"), count("IPIngressPackets"), count("IPEgressBytes"),
                          count("IPEgressPackets")};
    return traffic.ingress_bytes == UINT64_MAX ? std::nullopt : std::optional(traffic);
  }

  template <typename Write>
  Result<std::string> read(const char* member, Write write,
                           std::uint64_t deadline_usec = reading_deadline_usec) {
    try {
      auto call = manager_->createMethodCall("org.podsd1.Manager", member);
      write(call);
      auto reply = manager_->callMethod(call, deadline_usec);
      std::string text;
      reply >> text;
      return text;
    } catch (const sdbus::Error& error) {
      return std::unexpected(explained(error));
    }
  }

  std::unique_ptr<sdbus::IConnection> bus_;
  std::unique_ptr<sdbus::IProxy> manager_;
};

}  // namespace

Result<std::unique_ptr<ManagerProxy>> connect_manager(const std::string& address) {
  try {
    auto bus = address.empty() ? sdbus::createSystemBusConnection()
                               : sdbus::createSessionBusConnectionWithAddress(address);
    return std::make_unique<Proxy>(std::move(bus));
  } catch (const sdbus::Error& error) {
    return fail("cannot connect to the system bus: " + error.getMessage(), error.getName());
  }
}

}  // namespace podsd::dbus

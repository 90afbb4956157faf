// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dbus/link.hpp"
#include "dbus/service.hpp"
#include "spec/result.hpp"

namespace podsd::dbus {

/// A method call of a client until it is answered. It is answered exactly once: a second answer is ignored,
/// and a request that is dropped gets org.podsd1.Error.Failed.
class Request {
 public:
  /// `object`: what has to stay until the answer is sent; may be empty.
  Request(std::shared_ptr<Link> link, sdbus::MethodCall call, std::shared_ptr<const void> object);
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  /// Method returns nothing.
  void answer(const Result<void>& result);
  /// Method returns one string.
  void answer(const Result<std::string>& result);
  /// Method returns a list of one file descriptor, or of none for -1. It stays the caller's.
  void answer_fd(const Result<int>& result);
  /// Method returns what a session has.
  void answer(const Result<Attached>& result);
  /// Method returns a container's root. The file descriptor stays the caller's.
  void answer(const Result<ContainerRoot>& result);
  void refuse(const std::string& error_name, const std::string& text);

  /// Asks the bus for the caller's uid and calls `granted` where it is root's; else the request is refused.
  static void if_root(const std::shared_ptr<Request>& request, std::function<void()> granted);

 private:
  template <typename Write>
  void send(Write write);
  void refuse(const Error& error);

  std::shared_ptr<Link> link_;
  std::shared_ptr<sdbus::IConnection> bus_;  // outlives object_ and call_
  std::shared_ptr<const void> object_;
  sdbus::MethodCall call_;
  bool answered_ = false;
};

}  // namespace podsd::dbus

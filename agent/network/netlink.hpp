// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "spec/ip.hpp"
#include "spec/result.hpp"

namespace podsd::network {

/// One request in the making.
class Message {
 public:
  /// `what` begins the error's text. `flags` are NLM_F_… beside NLM_F_REQUEST.
  Message(std::string what, std::uint16_t type, std::uint16_t flags);

  /// Appends a fixed header (ifinfomsg, ifaddrmsg, rtmsg, nfgenmsg), all zero. It is for filling in at once:
  /// what is put afterwards may move it.
  template <typename Header>
  Header& header() {
    return *static_cast<Header*>(append(sizeof(Header)));
  }
  void put(std::uint16_t attribute, std::uint32_t value);
  void put_byte(std::uint16_t attribute, std::uint8_t value);
  void put_text(std::uint16_t attribute, const std::string& text);
  void put_bytes(std::uint16_t attribute, std::span<const std::uint8_t> bytes);
  void put_address(std::uint16_t attribute, const spec::IpAddress& address);

  /// Puts what `inside` puts into an attribute.
  template <typename Inside>
  void nest(std::uint16_t attribute, Inside inside) {
    nlattr* start = mnl_attr_nest_start(header_, attribute);
    inside();
    mnl_attr_nest_end(header_, start);
  }

 private:
  friend class Netlink;
  /// More than any request of podsd's takes.
  static constexpr std::size_t room = 2048;
  [[nodiscard]] void* append(std::size_t size);

  std::string what_;
  std::unique_ptr<char[]> bytes_ = std::make_unique<char[]>(room);
  nlmsghdr* header_;
};

/// Calls `each` with every attribute in these bytes.
template <typename Each>
void each_attribute(const void* bytes, std::size_t size, Each each) {
  const auto* end = static_cast<const char*>(bytes) + size;
  for (const auto* a = static_cast<const nlattr*>(bytes);
       mnl_attr_ok(a, static_cast<int>(end - reinterpret_cast<const char*>(a))); a = mnl_attr_next(a))
    each(*a);
}

/// Those of a message, behind its fixed header of that size.
template <typename Each>
void each_attribute(const nlmsghdr& message, std::size_t header, Each each) {
  const auto* first = static_cast<const char*>(mnl_nlmsg_get_payload(&message)) + MNL_ALIGN(header);
  const auto* end = static_cast<const char*>(mnl_nlmsg_get_payload_tail(&message));
  each_attribute(first, static_cast<std::size_t>(end - first), each);
}

/// A socket to the rtnetlink(7) of one network namespace, or to its netfilter.
class Netlink {
 public:
  /// In the calling thread's network namespace, where it stays.
  [[nodiscard]] static Result<Netlink> open(int family = NETLINK_ROUTE);

  /// Has the kernel do all of it, in this order, by one system call. The kernel goes on after one that fails;
  /// the first error is given, with the kernel's own words where it has some.
  [[nodiscard]] Result<void> run(std::span<Message> messages);
  [[nodiscard]] Result<void> run(Message message) { return run(std::span(&message, 1)); }

  /// Calls `each` with every message of the answer to a request (flags NLM_F_DUMP, or none for one object).
  [[nodiscard]] Result<void> get(Message message, const std::function<void(const nlmsghdr&)>& each);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  explicit Netlink(mnl_socket* socket) : socket_(socket) {}
  [[nodiscard]] Result<void> send(std::span<Message> messages);
  [[nodiscard]] Result<std::span<const char>> receive();

  std::unique_ptr<mnl_socket, Close> socket_;
  std::uint32_t sequence_ = 0;
  std::vector<char> buffer_ = std::vector<char>(32768);
};

}  // namespace podsd::network

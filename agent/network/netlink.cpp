// SPDX-License-Identifier: Apache-2.0
#include "agent/network/netlink.hpp"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstdlib>

namespace podsd::network {
namespace {

/// What the kernel says beside the number (NLMSGERR_ATTR_MSG).
std::string kernel_words(const nlmsghdr& answer) {
  if ((answer.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&answer));
  // The request follows the error, unless NLM_F_CAPPED says that only its header does.
  std::size_t offset = sizeof *error;
  if ((answer.nlmsg_flags & NLM_F_CAPPED) == 0) offset += error->msg.nlmsg_len - sizeof error->msg;
  std::string text;
  each_attribute(answer, offset, [&text](const nlattr& a) {
    if (mnl_attr_get_type(&a) == NLMSGERR_ATTR_MSG) text = mnl_attr_get_str(&a);
  });
  return text;
}

}  // namespace

Message::Message(std::string what, std::uint16_t type, std::uint16_t flags)
    : what_(std::move(what)), header_(mnl_nlmsg_put_header(bytes_.get())) {
  header_->nlmsg_type = type;
  header_->nlmsg_flags = NLM_F_REQUEST | flags;
}

void* Message::append(std::size_t size) {
  return mnl_nlmsg_put_extra_header(header_, size);
}

void Message::put(std::uint16_t attribute, std::uint32_t value) {
  mnl_attr_put_u32(header_, attribute, value);
}

void Message::put_byte(std::uint16_t attribute, std::uint8_t value) {
  mnl_attr_put_u8(header_, attribute, value);
}

void Message::put_text(std::uint16_t attribute, const std::string& text) {
  mnl_attr_put_strz(header_, attribute, text.c_str());
}

void Message::put_bytes(std::uint16_t attribute, std::span<const std::uint8_t> bytes) {
  mnl_attr_put(header_, attribute, bytes.size(), bytes.data());
}

void Message::put_address(std::uint16_t attribute, const spec::IpAddress& address) {
  put_bytes(attribute, std::span(address.bytes).first(static_cast<std::size_t>(address.bits() / 8)));
}

Result<Netlink> Netlink::open(int family) {
  mnl_socket* socket = mnl_socket_open2(family, SOCK_CLOEXEC);
  if (socket == nullptr) return fail("cannot open a netlink socket", "", errno);
  Netlink netlink(socket);
  int on = 1;
  mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof on);
  mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof on);
  if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
    return fail("cannot bind a netlink socket", "", errno);
  return netlink;
}

Result<void> Netlink::send(std::span<Message> messages) {
  std::vector<iovec> parts;
  for (Message& message : messages) {
    message.header_->nlmsg_seq = ++sequence_;
    parts.push_back({message.header_, MNL_ALIGN(message.header_->nlmsg_len)});
  }
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  msghdr all{};
  all.msg_name = &kernel;
  all.msg_namelen = sizeof kernel;
  all.msg_iov = parts.data();
  all.msg_iovlen = parts.size();
  if (::sendmsg(mnl_socket_get_fd(socket_.get()), &all, 0) < 0)
    return fail("cannot speak to the kernel's network", "", errno);
  return {};
}

Result<std::span<const char>> Netlink::receive() {
  ssize_t size;
  do size = mnl_socket_recvfrom(socket_.get(), buffer_.data(), buffer_.size());
  while (size < 0 && errno == EINTR);
  if (size < 0) return fail("cannot read the kernel's answer", "", errno);
  return std::span<const char>(buffer_.data(), static_cast<std::size_t>(size));
}

Result<void> Netlink::run(std::span<Message> messages) {
  for (Message& message : messages) message.header_->nlmsg_flags |= NLM_F_ACK;
  const std::uint32_t first = sequence_ + 1;
  if (auto sent = send(messages); !sent) return sent;
  Result<void> result;
  for (std::size_t answered = 0; answered < messages.size();) {
    const auto bytes = receive();
    if (!bytes) return std::unexpected(bytes.error());
    int left = static_cast<int>(bytes->size());
    for (const auto* answer = reinterpret_cast<const nlmsghdr*>(bytes->data()); mnl_nlmsg_ok(answer, left);
         answer = mnl_nlmsg_next(answer, &left)) {
      if (answer->nlmsg_type != NLMSG_ERROR || answer->nlmsg_seq - first >= messages.size()) continue;
      ++answered;
      const int code = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
      if (code != 0 && result)
        result = fail(messages[answer->nlmsg_seq - first].what_, kernel_words(*answer), -code);
    }
  }
  return result;
}

Result<void> Netlink::get(Message message, const std::function<void(const nlmsghdr&)>& each) {
  const bool dump = (message.header_->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  if (auto sent = send(std::span(&message, 1)); !sent) return sent;
  for (;;) {
    const auto bytes = receive();
    if (!bytes) return std::unexpected(bytes.error());
    int left = static_cast<int>(bytes->size());
    for (const auto* answer = reinterpret_cast<const nlmsghdr*>(bytes->data()); mnl_nlmsg_ok(answer, left);
         answer = mnl_nlmsg_next(answer, &left)) {
      if (answer->nlmsg_seq != sequence_) continue;
      if (answer->nlmsg_type == NLMSG_DONE) return {};
      if (answer->nlmsg_type == NLMSG_ERROR) {
        const int code = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
        return code == 0 ? Result<void>() : fail(message.what_, kernel_words(*answer), -code);
      }
      each(*answer);
      if (!dump) return {};
    }
  }
}

}  // namespace podsd::network

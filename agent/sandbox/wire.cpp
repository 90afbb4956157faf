// SPDX-License-Identifier: Apache-2.0
#include "agent/sandbox/wire.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace podsd::sandbox {
namespace {

constexpr std::size_t max_fds = 4;

template <typename T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

void take_fds(msghdr& message, std::vector<UniqueFd>& fds) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
}

void put_name(char (&to)[max_name_bytes], const std::string& name) {
  name.copy(to, max_name_bytes - 1);
}

std::string encode_hold(const HeldStreams& held, bool early) {
  Hold hold = {};
  put_name(hold.name, held.container);
  hold.owner = held.owner;
  hold.flags = (held.input ? hold_stdin : 0U) | (held.input_once ? hold_stdin_once : 0U) |
               (held.terminal ? hold_terminal : 0U) | (early ? hold_early : 0U);
  return std::string(bytes_of(hold));
}

/// A header, and behind it one value.
template <typename T>
std::string encode(Type type, const T& value) {
  const Header header{type, sizeof value};
  return std::string(bytes_of(header)).append(bytes_of(value));
}

}  // namespace

Result<Io> read_packet(int socket, Packet& packet) {
  // What a sandbox sends is short; a longer packet is cut off and refused.
  std::array<char, 256> buffer;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_fds)];
  iovec data = {buffer.data(), buffer.size()};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  // ECONNRESET: it died before it had accepted the connection.
  if (n == 0 || (n < 0 && errno == ECONNRESET)) return Io::closed;
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Io::would_block;
  if (n < 0) return fail("cannot read from the sandbox", {}, errno);
  packet.fds.clear();
  take_fds(message, packet.fds);
  auto size = static_cast<std::size_t>(n);
  bool cut = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  if (cut || size < sizeof packet.header) return fail("the sandbox sent a packet of a wrong size");
  std::memcpy(&packet.header, buffer.data(), sizeof packet.header);
  packet.payload.assign(buffer.data() + sizeof packet.header, size - sizeof packet.header);
  if (packet.header.size != packet.payload.size()) return fail("the sandbox sent a packet of a wrong size");
  return Io::done;
}

Result<Io> write_packet(int socket, std::span<const char> bytes, std::span<const int> fds) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_fds)] = {};
  iovec data = {const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
  }
  ssize_t n;
  do n = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n >= 0) return Io::done;
  if (errno == EAGAIN) return Io::would_block;
  if (errno == EPIPE || errno == ECONNRESET) return Io::closed;
  return fail("cannot write to the sandbox", {}, errno);
}

Result<std::string> encode_spawn(std::uint64_t token, const SpawnRequest& request, bool early) {
  early = early && !request.early_argv.empty();
  const auto& argv = early ? request.early_argv : request.argv;
  if (argv.empty()) return fail("no program to start");
  std::string strings;
  bool whole = true;
  auto add = [&](const std::string& text) {
    whole = whole && text.find('\0') == std::string::npos;
    strings.append(text).push_back('\0');
  };
  add(request.rootfs);
  add(request.overlay_options);
  for (const auto& word : argv) add(word);
  for (const auto& word : request.env) add(word);
  for (const auto& [target, options] : request.images) {
    add(target);
    add(options);
  }
  if (!whole) return fail("a NUL byte in the command to start", argv.front());
  Spawn spawn{token, static_cast<std::uint32_t>(argv.size()), static_cast<std::uint32_t>(request.env.size())};
  const std::string held = request.held ? encode_hold(*request.held, early) : "";
  std::size_t size = held.size() + sizeof spawn + strings.size();
  if (size > max_packet_bytes) return fail("the command to start is too long", argv.front());
  const Type type = request.held ? Type::spawn_held : early ? Type::spawn_early : Type::spawn;
  Header header{type, static_cast<std::uint32_t>(size)};
  return std::string(bytes_of(header)).append(held).append(bytes_of(spawn)).append(strings);
}

std::string encode_watch(std::uint64_t token, int pid) {
  return encode(Type::watch, Watch{token, pid, 0});
}

std::string encode_claim(const std::string& container, int pid) {
  Claim claim = {};
  put_name(claim.name, container);
  claim.pid = pid;
  return encode(Type::claim, claim);
}

std::string encode_attach(std::uint64_t token, int pid, bool input) {
  return encode(Type::attach, Attach{token, pid, input ? 1U : 0U});
}

std::string encode_ack(std::uint64_t serial) {
  return encode(Type::ack, Ack{serial});
}

}  // namespace podsd::sandbox

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "agent/os/unique_fd.hpp"
#include "agent/sandbox/client.hpp"
#include "agent/sandbox/protocol.hpp"

namespace podsd::sandbox {

/// One packet as read from the socket.
struct Packet {
  Header header{};
  std::string payload;
  std::vector<UniqueFd> fds;
};

/// What a non-blocking call came to.
enum class Io { done, would_block, closed };

/// Reads one packet. Errors: a packet that breaks the protocol, or the errno of recvmsg(2).
[[nodiscard]] Result<Io> read_packet(int socket, Packet& packet);

/// Writes one packet with its fds; would_block leaves it unsent as a whole.
[[nodiscard]] Result<Io> write_packet(int socket, std::span<const char> bytes, std::span<const int> fds);

/// The bytes of a Spawn packet, or of one whose streams are held. Errors: too long; a NUL byte within a
/// string; no program.
[[nodiscard]] Result<std::string> encode_spawn(std::uint64_t token, const SpawnRequest& request,
                                               bool early = true);

/// The bytes of a Watch packet.
[[nodiscard]] std::string encode_watch(std::uint64_t token, int pid);

/// The bytes of a Claim packet. A name that is too long is cut.
[[nodiscard]] std::string encode_claim(const std::string& container, int pid);

/// The bytes of an Attach packet.
[[nodiscard]] std::string encode_attach(std::uint64_t token, int pid, bool input);

/// The bytes of an Ack packet.
[[nodiscard]] std::string encode_ack(std::uint64_t serial);

}  // namespace podsd::sandbox

// SPDX-License-Identifier: Apache-2.0
// DNS messages, as far as a forwarder that answers for a few names must know them (RFC 1035, section 4; RFC
// 6891): one question is read and addresses or a pointer are written; everything else passes through as it
// came. So there is no general library here: those that Debian has (ldns, c-ares before 1.28) allocate per
// record or cannot write one, and what is needed of the format is less than their interface.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "spec/ip.hpp"

namespace podsd::policies::dns {

using Bytes = std::vector<std::uint8_t>;
using Message = std::span<const std::uint8_t>;

/// RFC 1035, section 3.2.2; RFC 3596; RFC 5936; RFC 6891
enum Type : std::uint16_t { a = 1, ptr = 12, aaaa = 28, opt = 41, ixfr = 251, axfr = 252, any = 255 };
enum Rcode : std::uint8_t {
  no_error = 0,
  server_failure = 2,
  no_such_name = 3,
  not_implemented = 4,
  refused = 5
};
inline constexpr std::uint16_t class_in = 1;

/// A UDP message without EDNS (RFC 1035, section 2.3.4).
inline constexpr std::size_t plain_udp_bytes = 512;
/// What fits into a packet everywhere, and is told to those who ask with EDNS (RFC 9715).
inline constexpr std::size_t own_udp_bytes = 1232;

struct Query {
  std::uint8_t opcode = 0;
  std::string name;  ///< in lower case, labels apart by '.', without one at the end; other bytes than
                     ///< a-z 0-9 '-' '_' are \DDD
  std::uint16_t type = 0, cls = 0;
  std::size_t question_end = 0;             ///< in the message
  bool edns = false;                        ///< asked with an OPT record
  std::size_t udp_bytes = plain_udp_bytes;  ///< of an answer that the asker takes by UDP
};

/// Reads a question. Absent: malformed, an answer, or anything but one question; no such message deserves an
/// answer.
[[nodiscard]] std::optional<Query> parse_query(Message message);

/// What is known of a name.
struct Answer {
  Rcode rcode = no_error;
  std::vector<spec::IpAddress> addresses;  ///< those of the type that was asked for
  std::string pointer;                     ///< for ptr; empty: none
  bool ours = true;                        ///< with authority
};

/// The answer to `query`, which was read from `message`, in at most `limit` bytes; one that is longer is cut
/// to the question and says so (TC).
[[nodiscard]] Bytes reply(const Query& query, Message message, const Answer& answer, std::size_t limit);

/// The header and question of somebody's answer, saying that the rest did not fit (TC).
[[nodiscard]] Bytes truncated(const Query& query, Message answer);

/// Whether `message` answers what was asked with `asked`: same id, same question to the letter.
[[nodiscard]] bool is_answer(Message message, Message asked, const Query& query);

}  // namespace podsd::policies::dns

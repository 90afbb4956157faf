// SPDX-License-Identifier: Apache-2.0
// What holds for every message that the stub is sent. Shared by the fuzzer and the replay of its corpus.
#pragma once

#include <algorithm>
#include <string>

#include "policies/dns_message.hpp"

namespace podsd::policies::dns {

/// The answer to `message` must be readable as one: its question the same, its flags and counts as they are.
inline std::string broken_reply(Message message, const Query& query, const Answer& answer,
                                std::size_t limit) {
  const Bytes out = reply(query, message, answer, limit);
  if (out.size() > std::max(limit, query.question_end + 11)) return "a reply is too long";
  if (!is_answer(out, message, query)) return "a reply does not answer";
  Bytes asked = out;
  asked[2] &= 0x7F;
  const auto again = parse_query(asked);
  if (!again) return "a reply is malformed";
  if (again->name != query.name || again->edns != query.edns) return "a reply is about something else";
  return "";
}

/// The property that does not hold for `message`, or "".
inline std::string broken_dns_property(Message message) {
  const auto query = parse_query(message);
  if (!query) return "";
  if (query->question_end > message.size()) return "the question is beyond the end";
  if (query->name.size() > 1020 || query->udp_bytes < plain_udp_bytes) return "a size is not checked";
  const Answer pod{no_error, {*spec::parse_ip("10.87.0.2"), *spec::parse_ip("fd00::2")}, "", true};
  for (const std::size_t limit : {std::size_t{0}, query->udp_bytes, std::size_t{0xFFFF}}) {
    if (auto broken = broken_reply(message, *query, pod, limit); !broken.empty()) return broken;
    if (auto broken = broken_reply(message, *query, {no_error, {}, "web.default.pod", true}, limit);
        !broken.empty())
      return broken;
  }
  const Bytes cut = truncated(*query, message);
  return is_answer(cut, message, *query) ? "" : "a truncated answer does not answer";
}

}  // namespace podsd::policies::dns

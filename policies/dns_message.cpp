// SPDX-License-Identifier: Apache-2.0
#include "policies/dns_message.hpp"

#include <algorithm>

namespace podsd::policies::dns {
namespace {

constexpr std::size_t header_bytes = 12;
constexpr std::size_t max_name_bytes = 255;
constexpr std::uint32_t ttl_seconds = 5;

// The header's third and fourth byte (RFC 1035, section 4.1.1).
constexpr std::uint8_t is_response = 0x80, authoritative = 0x04, is_cut = 0x02, recursion_desired = 0x01;
constexpr std::uint8_t opcode_bits = 0x78, recursion_available = 0x80;

std::uint16_t number_at(Message message, std::size_t at) {
  return static_cast<std::uint16_t>(message[at] << 8 | message[at + 1]);
}

void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void put32(Bytes& out, std::uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xFFFF);
}

void add_byte(std::string& name, std::uint8_t byte) {
  const char c = static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
  if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') {
    name += c;
    return;
  }
  const std::string digits = std::to_string(byte);
  name += "\\" + std::string(3 - digits.size(), '0') + digits;
}

/// Reads the question's name, which nothing can stand before, so that it cannot be compressed. Gives where it
/// ends; 0: malformed.
std::size_t read_name(Message message, std::string& name) {
  std::size_t at = header_bytes;
  for (;;) {
    if (at >= message.size()) return 0;
    const std::size_t length = message[at++];
    if (length == 0) return at - header_bytes <= max_name_bytes ? at : 0;
    if (length > 63 || length > message.size() - at) return 0;
    if (!name.empty()) name += '.';
    for (const std::uint8_t byte : message.subspan(at, length)) add_byte(name, byte);
    at += length;
  }
}

/// Where the name at `at` ends, be it compressed; 0: malformed.
std::size_t skip_name(Message message, std::size_t at) {
  while (at < message.size()) {
    const std::size_t length = message[at];
    if (length == 0) return at + 1;
    if (length >= 0xC0) return at + 2 <= message.size() ? at + 2 : 0;
    if (length > 63) return 0;
    at += 1 + length;
  }
  return 0;
}

/// Walks the records behind the question up to the message's end.
bool read_records(Message message, Query& query) {
  const std::size_t records =
      std::size_t{number_at(message, 6)} + number_at(message, 8) + number_at(message, 10);
  std::size_t at = query.question_end;
  for (std::size_t i = 0; i < records; ++i) {
    const std::size_t fixed = skip_name(message, at);
    if (fixed == 0 || message.size() - fixed < 10) return false;
    if (number_at(message, fixed) == opt) {
      // One OPT, at the root (RFC 6891, section 6.1.1).
      if (query.edns || fixed != at + 1) return false;
      query.edns = true;
      query.udp_bytes = std::max<std::size_t>(plain_udp_bytes, number_at(message, fixed + 2));
    }
    at = fixed + 10 + number_at(message, fixed + 8);
    if (at > message.size()) return false;
  }
  return at == message.size();
}

void put_name(Bytes& out, const std::string& name) {
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    out.push_back(static_cast<std::uint8_t>(end - at));
    out.insert(out.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
               name.begin() + static_cast<std::ptrdiff_t>(end));
    at = end + 1;
  }
  out.push_back(0);
}

/// A record about the question's name, up to its data.
void put_record(Bytes& out, Type type, std::size_t bytes) {
  put16(out, 0xC000 | header_bytes);
  put16(out, type);
  put16(out, class_in);
  put32(out, ttl_seconds);
  put16(out, bytes);
}

void put_address(Bytes& out, const spec::IpAddress& address) {
  const std::size_t bytes = static_cast<std::size_t>(address.bits()) / 8;
  put_record(out, address.v6 ? aaaa : a, bytes);
  out.insert(out.end(), address.bytes.begin(), address.bytes.begin() + static_cast<std::ptrdiff_t>(bytes));
}

void put_opt(Bytes& out) {
  out.push_back(0);
  put16(out, opt);
  put16(out, own_udp_bytes);
  put32(out, 0);
  put16(out, 0);
}

/// Header and question, with room for nothing else counted in.
Bytes head_of(const Query& query, Message message, std::uint8_t more_flags, Rcode rcode) {
  Bytes out(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(query.question_end));
  out[2] = static_cast<std::uint8_t>(is_response | (out[2] & (opcode_bits | recursion_desired)) | more_flags);
  out[3] = static_cast<std::uint8_t>(recursion_available | rcode);
  std::fill(out.begin() + 6, out.begin() + header_bytes, std::uint8_t{0});
  return out;
}

}  // namespace

std::optional<Query> parse_query(Message message) {
  if (message.size() < header_bytes || message.size() > 0xFFFF) return std::nullopt;
  if ((message[2] & is_response) != 0 || number_at(message, 4) != 1) return std::nullopt;
  Query query;
  query.opcode = (message[2] & opcode_bits) >> 3;
  const std::size_t end = read_name(message, query.name);
  if (end == 0 || message.size() - end < 4) return std::nullopt;
  query.type = number_at(message, end);
  query.cls = number_at(message, end + 2);
  query.question_end = end + 4;
  if (!read_records(message, query)) return std::nullopt;
  return query;
}

Bytes reply(const Query& query, Message message, const Answer& answer, std::size_t limit) {
  const std::uint8_t flags = answer.ours ? authoritative : 0;
  Bytes out = head_of(query, message, flags, answer.rcode);
  for (const spec::IpAddress& address : answer.addresses) put_address(out, address);
  if (!answer.pointer.empty()) {
    Bytes name;
    put_name(name, answer.pointer);
    put_record(out, ptr, name.size());
    out.insert(out.end(), name.begin(), name.end());
  }
  std::size_t answers = answer.addresses.size() + (answer.pointer.empty() ? 0 : 1);
  if (out.size() + (query.edns ? 11 : 0) > limit) {
    out = head_of(query, message, flags | is_cut, answer.rcode);
    answers = 0;
  }
  out[6] = static_cast<std::uint8_t>(answers >> 8);
  out[7] = static_cast<std::uint8_t>(answers);
  if (query.edns) {
    put_opt(out);
    out[11] = 1;
  }
  return out;
}

Bytes truncated(const Query& query, Message answer) {
  Bytes out = head_of(query, answer, is_cut, no_error);
  out[3] = answer[3];
  return out;
}

bool is_answer(Message message, Message asked, const Query& query) {
  if (message.size() < query.question_end || (message[2] & is_response) == 0) return false;
  if (!std::ranges::equal(message.first(2), asked.first(2)) || number_at(message, 4) != 1) return false;
  const std::size_t question = query.question_end - header_bytes;
  return std::ranges::equal(message.subspan(header_bytes, question), asked.subspan(header_bytes, question));
}

}  // namespace podsd::policies::dns

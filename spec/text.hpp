// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "spec/pod.hpp"

namespace podsd::spec {

/// The line and column of a byte, both from 1; a column is a character (code point), not a byte.
[[nodiscard]] Position position_of(std::string_view text, std::size_t offset);

/// Length in bytes of the well-formed UTF-8 sequence at `offset` (RFC 3629: no surrogates, no overlong
/// forms, nothing above U+10FFFF); 0 where there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t offset);

/// Appends a code point as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

struct BadBytes {
  std::size_t offset;
  std::string message;
};

/// What keeps `text` from being read as a manifest at all: a byte order mark, invalid UTF-8, a control
/// character that neither YAML 1.2 (5.1, c-printable) nor JSON has.
[[nodiscard]] std::optional<BadBytes> find_bad_bytes(std::string_view text);

}  // namespace podsd::spec

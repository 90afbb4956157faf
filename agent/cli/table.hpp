// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace podsd::cli {

/// What a cell means to its reader; shown as a colour where colours are wanted.
enum class Tone { plain, good, busy, bad };

struct Cell {
  Cell(std::string text_, Tone tone_ = Tone::plain) : text(std::move(text_)), tone(tone_) {}  // NOLINT
  std::string text;
  Tone tone;
};

using Row = std::vector<Cell>;

/// Rows in columns as kubectl sets them: three spaces between columns, a column at least six wide, no space
/// behind the last cell. Widths count code points. `colour` adds SGR sequences (ECMA-48).
[[nodiscard]] std::string table_text(const std::vector<Row>& rows, bool colour);

}  // namespace podsd::cli

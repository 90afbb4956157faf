// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/table.hpp"

#include <algorithm>

namespace podsd::cli {
namespace {

constexpr std::size_t gap = 3;
constexpr std::size_t narrowest = 6;

std::size_t width(const std::string& text) {
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, is_start));
}

std::string shown(const Cell& cell, bool colour) {
  if (!colour || cell.tone == Tone::plain) return cell.text;
  const char* start = cell.tone == Tone::good   ? "\x1b[32m"
                      : cell.tone == Tone::busy ? "\x1b[33m"
                                                : "\x1b[31m";
  return start + cell.text + "\x1b[0m";
}

}  // namespace

std::string table_text(const std::vector<Row>& rows, bool colour) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    if (widths.size() < row.size()) widths.resize(row.size(), narrowest);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i].text) + gap);
  }
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += shown(row[i], colour);
      if (i + 1 < row.size()) out.append(widths[i] - width(row[i].text), ' ');
    }
    out += '\n';
  }
  return out;
}

}  // namespace podsd::cli

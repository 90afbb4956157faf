// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/table.hpp"

#include <boost/test/unit_test.hpp>

using namespace podsd::cli;

BOOST_AUTO_TEST_CASE(columns_line_up_three_apart) {
  const std::vector<Row> rows{{Cell("NAME"), Cell("READY"), Cell("STATUS")},
                              {Cell("nginx-proxy"), Cell("1/1"), Cell("Running")},
                              {Cell("a"), Cell("0/1"), Cell("Error")}};
  BOOST_CHECK_EQUAL(table_text(rows, false),
                    "NAME          READY   STATUS\n"
                    "nginx-proxy   1/1     Running\n"
                    "a             0/1     Error\n");
}

BOOST_AUTO_TEST_CASE(narrow_columns_are_six_wide) {
  BOOST_CHECK_EQUAL(table_text({{Cell("A"), Cell("B")}}, false), "A     B\n");
}

BOOST_AUTO_TEST_CASE(widths_count_characters_not_bytes) {
  BOOST_CHECK_EQUAL(table_text({{Cell("größe"), Cell("x")}, {Cell("abcde"), Cell("y")}}, false),
                    "größe   x\nabcde   y\n");
}

BOOST_AUTO_TEST_CASE(colour_changes_no_column) {
  const std::vector<Row> rows{{Cell("abcdef", Tone::bad), Cell("x", Tone::good)}, {Cell("a"), Cell("y")}};
  BOOST_CHECK_EQUAL(table_text(rows, true), "\x1b[31mabcdef\x1b[0m   \x1b[32mx\x1b[0m\na        y\n");
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/log_lines.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <vector>

#include "agent/cli/size_text.hpp"

using namespace podsd::cli;

namespace {

std::string written(const std::vector<LogLine>& lines, bool timestamps = false) {
  std::ostringstream out;
  LogLines writer(out, timestamps);
  for (const LogLine& line : lines) writer.write(line);
  writer.finish();
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_as_they_were_written) {
  using namespace std::string_view_literals;
  BOOST_CHECK_EQUAL(written({{"a", "", "", 0}, {"b\xff\0c"sv, "", "", 0}, {"end", "eof", "1", 0}}),
                    std::string("a\nb\xff\0c\nend\n"sv));
}

BOOST_AUTO_TEST_CASE(cut_lines_are_put_together) {
  BOOST_CHECK_EQUAL(written({{"long", "line-max", "1", 0}, {"er", "pid-change", "1", 0}, {"!", "", "1", 0}}),
                    "longer!\n");
}

BOOST_AUTO_TEST_CASE(another_stream_ends_an_open_line) {
  BOOST_CHECK_EQUAL(written({{"out", "line-max", "1", 0}, {"err", "", "2", 0}, {"rest", "", "1", 0}}),
                    "out\nerr\nrest\n");
  BOOST_CHECK_EQUAL(written({{"out", "line-max", "1", 0}}), "out\n");
}

BOOST_AUTO_TEST_CASE(timestamps_stand_before_lines_not_parts) {
  BOOST_CHECK_EQUAL(written({{"a", "line-max", "1", 1}, {"b", "", "1", 2}, {"c", "", "1", 1'000'000}}, true),
                    "1970-01-01T00:00:00.000001Z ab\n1970-01-01T00:00:01.000000Z c\n");
}

BOOST_AUTO_TEST_CASE(sizes) {
  BOOST_CHECK_EQUAL(size_text(0), "0B");
  BOOST_CHECK_EQUAL(size_text(999), "999B");
  BOOST_CHECK_EQUAL(size_text(1000), "1.00kB");
  BOOST_CHECK_EQUAL(size_text(62'300'000), "62.3MB");
  BOOST_CHECK_EQUAL(size_text(999'960'000), "1.00GB");
  BOOST_CHECK_EQUAL(size_text(99'960), "100kB");
  BOOST_CHECK_EQUAL(size_text(UINT64_MAX), "18.4EB");
}

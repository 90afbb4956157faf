// SPDX-License-Identifier: Apache-2.0
#include "agent/one_line.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd {

BOOST_AUTO_TEST_SUITE(words_of_others)

BOOST_AUTO_TEST_CASE(are_one_line_of_utf8) {
  BOOST_TEST(one_line(" \n a\tb\x1B[31m\nc\x7F \n") == "a b [31m c");
  BOOST_TEST(one_line("na\xC3\xAFve \xFF!") == "na\xC3\xAFve \xEF\xBF\xBD!");
  BOOST_TEST(one_line("") == "");
  BOOST_TEST(one_line("\n\n") == "");
}

BOOST_AUTO_TEST_CASE(are_cut_within_no_character) {
  BOOST_TEST(one_line("abcdef", 3) == "abc…");
  BOOST_TEST(one_line("abc", 3) == "abc");
  BOOST_TEST(one_line("ab\xC3\xAF", 3) == "ab\xEF\xBF\xBD…");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd

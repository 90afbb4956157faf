// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "spec/findings.hpp"
#include "spec/text.hpp"
#include "spec/tree.hpp"

namespace podsd::spec {
namespace {

/// The text of the one string in `[…]`; "!" for what is not JSON.
std::string one(const std::string& json) {
  Findings findings("f");
  const Documents documents = read_json("[" + json + "]", findings);
  if (documents.bad_syntax || findings.errors() > 0) return "!";
  return documents.list.at(0).root.items.at(0).text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(json_strings) {
  const std::pair<std::string, std::string> cases[] = {
      {R"("")", ""},
      {R"("a\/b\\\"")", "a/b\\\""},
      {R"("\b\f\n\r\t")", "\b\f\n\r\t"},
      {R"("\u0041\u00e4\u20AC")", "Aä€"},
      {R"("\ud83d\uDE00")", "😀"},
      {R"("\uDBFF\uDFFF")", "\xF4\x8F\xBF\xBF"},
      {R"("\ud83d")", "!"},
      {R"("\ud83d\u0041")", "!"},
      {R"("\ude00")", "!"},
      {R"("\u12g4")", "!"},
      {R"("\u0000")", "!"},
      {R"("\x41")", "!"},
      {R"("\'")", "!"},
      {"\"a\nb\"", "!"},
      {"\"a", "!"},
      {"'a'", "!"},
  };
  for (const auto& [json, expected] : cases) BOOST_TEST_CONTEXT(json) {
      BOOST_TEST(one(json) == expected);
    }
}

BOOST_AUTO_TEST_CASE(json_words) {
  for (const std::string word : {"0", "-0", "10", "1.5", "1e3", "1E-3", "true", "false"})
    BOOST_TEST(one(word) == word);
  for (const std::string word :
       {"01", "+1", ".5", "1.", "1e", "0x1", "True", "nul", "NaN", "-", "1,", ",", "a: b", "yes"})
    BOOST_TEST(one(word) == "!", word);
}

BOOST_AUTO_TEST_CASE(json_positions) {
  Findings findings("f");
  const Documents documents = read_json("{\n\t\"ä\": [1, \"😀\", {}]\n}", findings);
  BOOST_REQUIRE_EQUAL(documents.list.size(), 1U);
  const Node::Entry& entry = documents.list[0].root.entries.at(0);
  BOOST_CHECK((entry.position == Position{2, 2}));
  BOOST_CHECK((entry.value.position == Position{2, 7}));
  BOOST_CHECK((entry.value.items.at(1).position == Position{2, 11}));
  BOOST_CHECK((entry.value.items.at(2).position == Position{2, 16}));
}

BOOST_AUTO_TEST_CASE(utf8) {
  const std::string good[] = {"a", "ä", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"};
  const std::string bad[] = {"\x80",
                             "\xC0\x80",
                             "\xC1\xBF",
                             "\xC3",
                             "\xE0\x80\x80",
                             "\xED\xA0\x80",
                             "\xF0\x80\x80\x80",
                             "\xE2\x82",
                             "\xF4\x90\x80\x80",
                             "\xF5\x80\x80\x80",
                             "\xFF",
                             "\xF0\x9F\x98",
                             "\xC3\xA4\x80",
                             "a\xE4"};
  for (const std::string& text : good) BOOST_TEST(!find_bad_bytes(text));
  for (const std::string& text : bad) BOOST_TEST(find_bad_bytes(text).has_value());
  BOOST_TEST(find_bad_bytes("ab\x01")->offset == 2U);
}

}  // namespace podsd::spec

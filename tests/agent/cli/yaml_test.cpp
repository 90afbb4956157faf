// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/yaml.hpp"

#include <boost/test/unit_test.hpp>

using namespace podsd::cli;

BOOST_AUTO_TEST_CASE(words_stand_plain) {
  for (const char* text : {"nginx", "localhost/nginx:1", "sha256:00ff", "/etc/pods.d",
                           "back-off 20s restarting", "CrashLoopBackOff", "app.kubernetes.io/name", "a: b"}) {
    const std::string want = std::string(text) == "a: b" ? "\"a: b\"" : text;
    BOOST_CHECK_EQUAL(yaml_scalar(text), want);
  }
}

BOOST_AUTO_TEST_CASE(what_reads_as_something_else_is_quoted) {
  for (const char* text : {"",
                           "true",
                           "Yes",
                           "no",
                           "ON",
                           "null",
                           "y",
                           "N",
                           "~",
                           "1",
                           "-1",
                           "1.5",
                           "1e3",
                           "0x1f",
                           "12:30:45",
                           ".inf",
                           "=",
                           "2024-05-01",
                           "2024-05-01T12:00:00Z",
                           "- a",
                           "-",
                           "? a",
                           "[a",
                           "{a",
                           "*a",
                           "&a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "#a",
                           "a #b",
                           "a:",
                           " a",
                           "a ",
                           "'a",
                           "<<",
                           "---",
                           "a'b",
                           "a]",
                           "a: b"}) {
    BOOST_CHECK_EQUAL(yaml_scalar(text), "\"" + std::string(text) + "\"");
  }
}

BOOST_AUTO_TEST_CASE(control_characters_are_escaped) {
  BOOST_CHECK_EQUAL(yaml_scalar("a\"b\\c\n\t\r"), R"("a\"b\\c\n\t\r")");
  BOOST_CHECK_EQUAL(yaml_scalar(std::string_view("\0\x1b\x7f", 3)), R"("\x00\x1B\x7F")");
  BOOST_CHECK_EQUAL(yaml_scalar("\xc2\x85\xc2\xa0"), "\"\\x85\xc2\xa0\"");
  BOOST_CHECK_EQUAL(yaml_scalar("\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf"), R"("\L\P\uFEFF")");
  BOOST_CHECK_EQUAL(yaml_scalar("größe"), "\"größe\"");
}

BOOST_AUTO_TEST_CASE(objects_and_lists_in_blocks) {
  const Json value = Json::parse(R"({
    "a": {"list": [1, "two", {"k": "v", "l": [true]}, [1, [2]], [], {}], "none": null},
    "b": [], "c": {}, "d": "x\ny", "e": -5, "true": 1})");
  BOOST_CHECK_EQUAL(yaml_text(value),
                    "a:\n"
                    "  list:\n"
                    "  - 1\n"
                    "  - two\n"
                    "  - k: v\n"
                    "    l:\n"
                    "    - true\n"
                    "  -\n"
                    "    - 1\n"
                    "    -\n"
                    "      - 2\n"
                    "  - []\n"
                    "  - {}\n"
                    "  none: null\n"
                    "b: []\n"
                    "c: {}\n"
                    "d: \"x\\ny\"\n"
                    "e: -5\n"
                    "\"true\": 1\n");
}

BOOST_AUTO_TEST_CASE(lone_values) {
  BOOST_CHECK_EQUAL(yaml_text(Json::array()), "[]\n");
  BOOST_CHECK_EQUAL(yaml_text(Json("x")), "x\n");
  BOOST_CHECK_EQUAL(yaml_text(Json::parse("[[1]]")), "-\n  - 1\n");
}

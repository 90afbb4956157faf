// SPDX-License-Identifier: Apache-2.0
#include "agent/image/reference.hpp"

#include <boost/test/unit_test.hpp>

#include "agent/image/store.hpp"

using podsd::image::file_name_for;
using podsd::image::normalize_reference;

BOOST_AUTO_TEST_SUITE(reference)

BOOST_AUTO_TEST_CASE(short_names_get_their_long_form) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  const std::pair<std::string, std::string> table[] = {
      {"nginx", "docker.io/library/nginx:latest"},
      {"nginx:1.25", "docker.io/library/nginx:1.25"},
      {"me/app", "docker.io/me/app:latest"},
      {"docker.io/nginx", "docker.io/library/nginx:latest"},
      {"index.docker.io/me/app:2", "docker.io/me/app:2"},
      {"localhost/nginx:1", "localhost/nginx:1"},
      {"localhost:5000/nginx", "localhost:5000/nginx:latest"},
      {"quay.io/a/b-c__d.e:V_1.0-x", "quay.io/a/b-c__d.e:V_1.0-x"},
      {"[::1]:5000/a:1", "[::1]:5000/a:1"},
      {"Host/a", "Host/a:latest"},
      {"a---b", "docker.io/library/a---b:latest"},
      {"nginx" + digest, "docker.io/library/nginx" + digest},
      {"nginx:1" + digest, "docker.io/library/nginx:1" + digest},
  };
  for (const auto& [text, expected] : table)
    BOOST_TEST(normalize_reference(text).value_or("refused") == expected);
}

BOOST_AUTO_TEST_CASE(what_is_no_reference_is_refused) {
  const std::string table[] = {
      "",
      "Nginx",
      "a/B",
      "a//b",
      "/a",
      "a/",
      "a:",
      "a:b:c",
      "a b",
      "../a",
      "a/../b",
      "a_-b",
      "-a",
      "a-",
      "a..b",
      "a:-x",
      "a\n",
      "a\\b",
      "ä",
      "a@sha256:x",
      "a@md5:0",
      "x:y/z/a:",
      "h:port/a",
      ".a",
      "a/.",
      "[::1/a",
      "localhost/",
      "a@",
      "a:b/c:",
      "a%2fb",
      std::string(64, 'a'),
      std::string(300, 'a'),
      "a:" + std::string(129, 't'),
      std::string("a\0b", 3),
  };
  for (const auto& text : table) BOOST_TEST(!normalize_reference(text).has_value(), "accepted: " << text);
}

BOOST_AUTO_TEST_CASE(file_names_are_safe_and_distinct) {
  for (const std::string text : {"", ".", "..", "/", "../../etc/passwd", "a/b", "localhost/x:1"}) {
    const auto name = file_name_for(text);
    BOOST_TEST(name.find('/') == std::string::npos);
    BOOST_TEST(!name.starts_with('.'));
    BOOST_TEST(!name.empty());
  }
  const std::string longest(400, 'a');
  BOOST_TEST(file_name_for(longest).size() <= 200u);
  BOOST_TEST(file_name_for(longest) != file_name_for(longest + "b"));
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "spec/check.hpp"
#include "spec/findings.hpp"
#include "spec/names.hpp"

namespace podsd::spec {
namespace {

using Check = std::string (*)(std::string_view);

void accepts(Check check, std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) BOOST_TEST(check(text) == "", "refuses " << text);
}
void refuses(Check check, std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) BOOST_TEST(check(text) != "", "accepts " << text);
}

const std::string x63(63, 'x');
const std::string x64(64, 'x');

}  // namespace

BOOST_AUTO_TEST_CASE(labels_and_subdomains) {
  accepts(check_label, {"a", "0", "a-b", "a--b", x63});
  refuses(check_label, {"", "-a", "a-", "A", "a.b", "a_b", "ä", x64});
  accepts(check_subdomain, {"a", "a.b", "a-b.c", x63 + "." + x63, x64});
  refuses(check_subdomain, {"", ".", "a.", ".a", "a..b", "a.-b", "A", std::string(254, 'x')});
  accepts(check_qualified_name, {"a", "A.b_c-d", "example.org/Name", "Example.org/x", x63});
  refuses(check_qualified_name, {"", "/a", "a/", "a/b/c", "-a", "a b", "exa_mple/x", x64});
  accepts(check_label_value, {"", "a", "A_b.c-1", x63});
  refuses(check_label_value, {"-", "a ", ".a", x64});
}

BOOST_AUTO_TEST_CASE(other_names) {
  accepts(check_env_name, {"A", "a.b-c", "with space", "1"});
  refuses(check_env_name, {"", "A=B", "ä", "a\nb"});
  accepts(check_port_name, {"http", "a1", "http-2"});
  refuses(check_port_name, {"", "80", "HTTP", "a--b", "-a", std::string(16, 'x')});
  accepts(check_uid, {"1", "0b5a4a2e-8c1f-4d7e-9f55-1c7e6a3b2d10", x64});
  refuses(check_uid, {"", "a b", "a/b", x64 + "x"});
  accepts(check_path, {"/", "/a", "/a/..b", "/a b", "/a//b/."});
  refuses(check_path, {"", "a", "./a", "/..", "/a/..", "/../a", "/a\nb", "/" + std::string(4095, 'x')});
}

BOOST_AUTO_TEST_CASE(images) {
  const std::string hex(64, 'a');
  accepts(check_image, {"nginx", "nginx:1", "library/nginx:1.27", "localhost/busybox:1", "localhost:5000/a",
                        "registry.example.org:5000/a/b-c/d__e.f:T_1", "nginx@sha256:" + hex,
                        "nginx:1@sha256:" + hex, "UPPER.example/a"});
  refuses(check_image,
          {"", ":", "/a", "a/", "a//b", "Nginx", "nginx:", "nginx:-1", "nginx@", "nginx@sha256:12", "a b",
           "a:b:c", "a@b@c", "host:port/a", "a..b", "a___b", "-a", "nginx:" + std::string(129, 'x')});
  for (const std::string image : {"nginx", "nginx:latest", "localhost:5000/nginx"})
    BOOST_TEST(image_is_latest(image));
  for (const std::string& image : {std::string("nginx:1"), "nginx@sha256:" + hex})
    BOOST_TEST(!image_is_latest(image));
}

BOOST_AUTO_TEST_CASE(distances) {
  BOOST_TEST(edit_distance("", "") == 0U);
  BOOST_TEST(edit_distance("abc", "") == 3U);
  BOOST_TEST(edit_distance("image", "Image") == 0U);
  BOOST_TEST(edit_distance("imgae", "image") == 1U);
  BOOST_TEST(edit_distance("volume", "volumes") == 1U);
  BOOST_TEST(edit_distance("kitten", "sitting") == 3U);
}

BOOST_AUTO_TEST_CASE(excerpts) {
  BOOST_TEST(excerpt("a\"b") == "\"a\"b\"");
  BOOST_TEST(excerpt_bare("\x1b[0m\n\t\r\x7f") == "\\x1b[0m\\n\\t\\r\\x7f");
  BOOST_TEST(excerpt_bare("\xc2\x9b") == "\\xc2\\x9b");
  BOOST_TEST(excerpt_bare("a\xd0\xff") == "a\\xd0\\xff");
  BOOST_TEST(excerpt_bare("größe", 3) == "grö…");
  BOOST_TEST(excerpt(std::string(1000, 'x')).size() <= 80U);
  BOOST_TEST(excerpt(std::string(1000, '\x01')).size() <= 80U);
}

}  // namespace podsd::spec

// SPDX-License-Identifier: Apache-2.0
// Manifests that are too much, made here because they are large.
#include <boost/test/unit_test.hpp>

#include "spec/findings.hpp"
#include "spec/manifest.hpp"
#include "spec/tree.hpp"

namespace podsd::spec {
namespace {

const std::string head = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n";
const std::string body = "spec:\n  containers:\n    - name: main\n      image: localhost/busybox:1\n";

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

void fails_with(const std::string& text, const std::string& expected) {
  const Manifest manifest = parse_manifest(text, "f");
  BOOST_TEST(!manifest.ok());
  BOOST_TEST(manifest.pods.empty());
  BOOST_REQUIRE(!manifest.diagnostics.empty());
  std::string all;
  for (const Diagnostic& d : manifest.diagnostics) all += d.text() + "\n";
  BOOST_TEST(all.find(expected) != std::string::npos, expected << " is not among\n" << all.substr(0, 2000));
}

}  // namespace

BOOST_AUTO_TEST_CASE(too_many_bytes) {
  fails_with(std::string(2 << 20, 'x'), "f: error: found 2097152 bytes, expected at most 1048576");
  const std::string most = head + body + "# ";
  BOOST_TEST(parse_manifest(most + std::string(max_manifest_bytes - most.size(), 'x'), "f").ok());
}

BOOST_AUTO_TEST_CASE(too_many_values) {
  fails_with("[" + repeated("1,", 30000) + "1]",
             "f:1:40000: error: [19999]: the file has more than 20000 values");
  fails_with("{\"a\": [" + repeated("1,", 30000) + "1]}", "the file has more than 20000 values");
  fails_with(repeated("---\n", 30000), "the file has more than 20000 values");
  fails_with(head + repeated("---\n", 100000) + ",", "the file has more than 20000 values");
}

BOOST_AUTO_TEST_CASE(too_deep) {
  fails_with(repeated("[", 65) + repeated("]", 65),
             "f:1:65: error: " + repeated("[0]", 64) + ": nested deeper than 64 levels");
  fails_with(repeated("[", 500000), "nested deeper");
  fails_with(repeated("{a: ", 200000), "nested deeper");
  fails_with(repeated("{\"a\":", 200000), "nested deeper");
  fails_with(repeated("- ", 500000), "nested deeper");
  std::string block;
  for (std::size_t i = 0; i < 500; ++i) block += std::string(i, ' ') + "a:\n";
  fails_with(block, "f:65:65: error: ");
}

BOOST_AUTO_TEST_CASE(many_findings_are_cut) {
  std::string text = head;
  for (int i = 0; i < 5000; ++i) text += "contianers" + std::to_string(i) + ": 1\n";
  const Manifest manifest = parse_manifest(text, "f");
  BOOST_REQUIRE_EQUAL(manifest.diagnostics.size(), Findings::max_shown + 1);
  BOOST_TEST(manifest.diagnostics.back().message == "4901 more findings are not shown");
  BOOST_TEST(!manifest.ok());
}

BOOST_AUTO_TEST_CASE(errors_behind_the_cut_count) {
  std::string text =
      head + "spec:\n  containers: [{name: a, image: b:1, resources: {limits: {memory: 1m}}}]\n";
  text += repeated("---\n" + head + "spec: {nodeName: x, containers: [{name: a, image: b:1}]}\n", 150);
  const Manifest manifest = parse_manifest(text, "f");
  BOOST_TEST(!manifest.ok());
}

// 10,000 keys and one line of 1 MiB must not cost time that grows with their square.
BOOST_AUTO_TEST_CASE(many_keys_and_long_lines) {
  std::string keys = "{";
  for (int i = 0; i < 9000; ++i) keys += "k" + std::to_string(i) + std::string(80, 'x') + ": 1, ";
  const Manifest manifest = parse_manifest(keys + "}", "f");
  BOOST_TEST(!manifest.ok());
}

}  // namespace podsd::spec

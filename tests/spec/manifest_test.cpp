// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "spec/manifest.hpp"

namespace podsd::spec {
namespace {

Pod parse_one(const std::string& container, const std::string& spec = "") {
  const std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n  - name: main\n" + container +
      spec;
  const Manifest manifest = parse_manifest(text, "f");
  for (const Diagnostic& d : manifest.diagnostics) BOOST_TEST_MESSAGE(d.text());
  BOOST_REQUIRE_MESSAGE(manifest.pods.size() == 1, text);
  return manifest.pods[0];
}

PullPolicy pull_policy(const std::string& image) {
  return parse_one("    image: " + image + "\n").containers[0].image_pull_policy;
}

Resources resources(const std::string& text) {
  return parse_one("    image: a:1\n    resources: " + text + "\n").containers[0].resources;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pull_policy_follows_the_tag) {
  BOOST_CHECK(pull_policy("nginx") == PullPolicy::always);
  BOOST_CHECK(pull_policy("nginx:latest") == PullPolicy::always);
  BOOST_CHECK(pull_policy("nginx:1") == PullPolicy::if_not_present);
  BOOST_CHECK(pull_policy("localhost:5000/nginx") == PullPolicy::always);
}

BOOST_AUTO_TEST_CASE(requests_default_to_limits) {
  const Resources both = resources("{limits: {cpu: 1, memory: 1Ki}, requests: {cpu: 0}}");
  BOOST_TEST(*both.limits.cpu_milli == 1000);
  BOOST_TEST(*both.requests.cpu_milli == 0);
  BOOST_TEST(*both.requests.memory_bytes == 1024);
  const Resources only = resources("{requests: {memory: \"5\"}}");
  BOOST_TEST(!only.limits.memory_bytes);
  BOOST_TEST(*only.requests.memory_bytes == 5);
  const Resources zero = resources("{limits: {cpu: 0}}");
  BOOST_TEST(!zero.limits.cpu_milli);
}

BOOST_AUTO_TEST_CASE(security_context_of_the_pod_is_merged) {
  const std::string pod = "  securityContext: {runAsUser: 5, runAsGroup: 6}\n";
  const SecurityContext merged =
      parse_one("    image: a:1\n    securityContext: {runAsUser: 0}\n", pod).containers[0].security;
  BOOST_TEST(*merged.run_as_user == 0U);
  BOOST_TEST(*merged.run_as_group == 6U);
  BOOST_TEST(merged.allow_privilege_escalation);
}

BOOST_AUTO_TEST_CASE(plain_words_stay_strings) {
  const Pod pod = parse_one(
      "    image: a:1\n    args: [yes, no, on, 1.2.3, 0x, 1_000, 12:30, 2026-01-01, nul, +, '', \"1\"]\n");
  BOOST_TEST(pod.containers[0].args.size() == 12U);
}

BOOST_AUTO_TEST_CASE(integers_of_the_core_schema) {
  const auto grace = [](const std::string& text) {
    return parse_one("    image: a:1\n", "  terminationGracePeriodSeconds: " + text + "\n")
        .termination_grace_period_seconds;
  };
  BOOST_TEST(grace("0") == 0);
  BOOST_TEST(grace("+7") == 7);
  BOOST_TEST(grace("0o17") == 15);
  BOOST_TEST(grace("0x1F") == 31);
  BOOST_TEST(grace("null") == 30);
  BOOST_TEST(grace("") == 30);
}

BOOST_AUTO_TEST_CASE(documents) {
  const auto count = [](const std::string& text) {
    const Manifest manifest = parse_manifest(text, "f");
    return manifest.ok() ? static_cast<int>(manifest.pods.size()) : -1;
  };
  const std::string a =
      "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: m, image: x}]}}\n";
  std::string b = a;
  b[b.find("name: a") + 6] = 'b';
  BOOST_TEST(count(a) == 1);
  BOOST_TEST(count("---\n" + a) == 1);
  BOOST_TEST(count("--- " + a) == 1);
  BOOST_TEST(count("%YAML 1.2\n---\n" + a) == 1);
  BOOST_TEST(count(a + "---\n" + b) == 2);
  BOOST_TEST(count(a + "...\n" + b) == 2);
  BOOST_TEST(count(a + "...\n# comment\n\n---\n" + b + "---\n") == 2);
  BOOST_TEST(count(a + "--- # only a comment\n") == 1);
  BOOST_TEST(count(a + b) == -1);
  BOOST_TEST(count(a + "---\n" + a) == -1);
  BOOST_TEST(count(a + "]") == -1);
  BOOST_TEST(count(a + ",") == -1);
  BOOST_TEST(count("# nothing\n") == -1);
}

BOOST_AUTO_TEST_CASE(same_pods_are_equal_wherever_they_stand) {
  const Pod here = parse_one("    image: a:1\n");
  const Pod there = parse_one("\n# moved\n    image: a:1\n");
  BOOST_CHECK(here == there);
  BOOST_CHECK(!(here == parse_one("    image: a:2\n")));
}

// "file:line:column: severity: field: message", whatever is known of it.
BOOST_AUTO_TEST_CASE(text_of_a_diagnostic) {
  BOOST_TEST((Diagnostic{Severity::error, "f.yaml", {3, 4}, "spec", "bad"}.text()) ==
             "f.yaml:3:4: error: spec: bad");
  BOOST_TEST((Diagnostic{Severity::warning, "f", {}, "", "bad"}.text()) == "f: warning: bad");
  BOOST_TEST((Diagnostic{Severity::error, "a\nb", {}, "", "bad"}.text()) == "a\\nb: error: bad");
}

}  // namespace podsd::spec

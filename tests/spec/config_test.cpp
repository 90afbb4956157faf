// SPDX-License-Identifier: Apache-2.0
#include "spec/config.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::spec {
namespace {

Config good(const std::string& text) {
  const ConfigFile file = parse_config(text, "podsd.yaml");
  for (const Diagnostic& d : file.diagnostics) BOOST_ERROR(d.text());
  return file.config;
}

std::string first_error(const std::string& text) {
  const ConfigFile file = parse_config(text, "c");
  return file.diagnostics.empty() ? "" : file.diagnostics[0].text();
}

}  // namespace

BOOST_AUTO_TEST_CASE(config_values) {
  const Config config = good(
      "restartBackoff: {first: 500ms, factor: 1.5, cap: 5m, reset: 1h}\npodPidsLimit: 100\n"
      "memoryThrottlingFactor: 0.9\n");
  BOOST_TEST(config.backoff_first_usec.value() == 500'000);
  BOOST_TEST(config.backoff_factor.value() == 1.5);
  BOOST_TEST(config.backoff_cap_usec.value() == 300'000'000);
  BOOST_TEST(config.backoff_reset_usec.value() == 3'600'000'000);
  BOOST_TEST(config.pod_pids_limit.value() == 100);
  BOOST_TEST(config.memory_throttling_factor.value() == 0.9);
}

BOOST_AUTO_TEST_CASE(config_of_user_namespaces) {
  const Config config = good("userNamespaces: {firstID: 131072, pods: 7}");
  BOOST_TEST(config.users_first_id.value() == 131072);
  BOOST_TEST(config.users_pods.value() == 7);
  BOOST_TEST(first_error("userNamespaces: {firstID: 65537}") ==
             "c:1:27: error: userNamespaces.firstID: found the number 65537, expected a multiple of 65536");
  BOOST_TEST(first_error("userNamespaces: {firstID: 0}") ==
             "c:1:27: error: userNamespaces.firstID: found 0, expected 65536 to 4294836224");
  // The last block holds 4294967295, which is no id.
  good("userNamespaces: {firstID: 4294836224, pods: 1}");
  BOOST_TEST(first_error("userNamespaces: {firstID: 4294836224, pods: 3}") ==
             "c:1:45: error: userNamespaces.pods: found 3, expected 1 to 1");
}

BOOST_AUTO_TEST_CASE(config_runtimes) {
  const Config config = good("runtimes: {crun: {path: /usr/bin/crun, args: [--a, b]}, runc: {path: /r}}\n");
  BOOST_TEST((config.runtimes == std::map<std::string, Runtime>{{"crun", {"/usr/bin/crun", {"--a", "b"}}},
                                                                {"runc", {"/r", {}}}}));
  BOOST_TEST(first_error("runtimes: [a]\n").find("runtimes: ") != std::string::npos);
  BOOST_TEST(first_error("runtimes: {A_b: {path: /r}}\n").find("the name of a runtime is") !=
             std::string::npos);
  BOOST_TEST(first_error("runtimes: {a: /r}\n").find("runtimes.a") != std::string::npos);
  BOOST_TEST(first_error("runtimes: {a: {path: r}}\n").find("runtimes.a.path") != std::string::npos);
  BOOST_TEST(first_error("runtimes: {a: {args: [x]}}\n").find("path") != std::string::npos);
  BOOST_TEST(first_error("runtimes: {a: {path: /r, root: /x}}\n").find("root") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(config_says_nothing) {
  for (const std::string text : {"", "# nothing\n", "---\n", "{}", "restartBackoff:\n"}) {
    const Config config = good(text);
    BOOST_TEST(!config.backoff_first_usec);
    BOOST_TEST(!config.pod_pids_limit);
  }
}

BOOST_AUTO_TEST_CASE(config_errors) {
  const std::pair<std::string, std::string> cases[] = {
      {"podPidLimit: 5", "c:1:1: error: podPidLimit: unknown field, did you mean \"podPidsLimit\"?"},
      {"podPidsLimit: \"50\"",
       "c:1:15: error: podPidsLimit: found the string \"50\", expected an integer without quotes"},
      {"podPidsLimit: 1\npodPidsLimit: 2", "c:1:15: error: podPidsLimit: found 1, expected 16 to 4194304"},
      {"[]", "c:1:1: error: found a list, expected one mapping"},
      {"a: &x", "c:1:1: error: a: unknown field"},
      {std::string("\0", 1), "c:1:1: error: found a NUL byte, expected text"},
  };
  for (const auto& [text, expected] : cases) BOOST_TEST(first_error(text) == expected);
  for (const std::string text : {"10", "10 s", "-1s", "1d", "s", "200h", "99999999999999999999s", "1.5s"})
    BOOST_TEST(first_error("restartBackoff: {first: \"" + text + "\"}") != "", text << " passes");
  for (const std::string text : {"0.5", "11", "a", "-1"})
    BOOST_TEST(first_error("restartBackoff: {factor: " + text + "}") != "", text << " passes");
}

BOOST_AUTO_TEST_CASE(config_network) {
  const NetworkConfig otherwise = good("network: {}").network;
  BOOST_TEST(otherwise.bridge == "pods0");
  BOOST_TEST(!otherwise.ipv4.off);
  BOOST_TEST(!otherwise.ipv4.range);
  const NetworkConfig all =
      good("network: {provider: none, bridge: br-1, ipv4: 10.1.0.0/16, ipv6: none, mtu: 9000}").network;
  BOOST_TEST((all.provider == NetworkConfig::Provider::none));
  BOOST_TEST(all.bridge == "br-1");
  BOOST_TEST(to_string(all.ipv4.range.value()) == "10.1.0.0/16");
  BOOST_TEST(all.ipv6.off);
  BOOST_TEST(all.mtu.value() == 9000U);
  BOOST_TEST(to_string(good("network: {ipv6: 'fd00:1::/64'}").network.ipv6.range.value()) == "fd00:1::/64");
  for (const char* bad :
       {"provider: docker", "bridge: a/b", "bridge: sixteen-letters-", "bridge: 'a\"b'", "ipv4: 10.1.0.1/16",
        "ipv4: 10.1.0.0/30", "ipv4: 'fd00::/64'", "ipv4: 10.1.0.0", "ipv6: 10.1.0.0/16", "ipv6: 'fd00::/121'",
        "mtu: 1279", "mtu: 65536", "ipv4: none, ipv6: none", "mode: x"})
    BOOST_TEST(first_error(std::string("network: {") + bad + "}").starts_with("c:1:"), bad);
  BOOST_TEST(first_error("network: {ipv4: 10.1.0.0/30}") ==
             "c:1:17: error: network.ipv4: found the string \"10.1.0.0/30\", expected none, or a range from "
             "/8 to /29 such as "
             "10.87.0.0/16");
}

BOOST_AUTO_TEST_CASE(config_cni) {
  const NetworkConfig otherwise = good("network: {}").network;
  BOOST_TEST((otherwise.provider == NetworkConfig::Provider::automatic));
  BOOST_TEST(otherwise.cni.configs == "/etc/cni/net.d");
  BOOST_TEST(otherwise.cni.plugins == (std::vector<std::string>{"/usr/lib/cni", "/opt/cni/bin"}),
             boost::test_tools::per_element());
  BOOST_TEST(otherwise.cni.timeout_usec == 60'000'000);
  const NetworkConfig all =
      good("network: {provider: cni, cni: {configDir: /a, pluginDirs: [/b, /c], timeout: 2s}}").network;
  BOOST_TEST((all.provider == NetworkConfig::Provider::cni));
  BOOST_TEST((all.cni == CniConfig{"/a", {"/b", "/c"}, 2'000'000}));
  BOOST_TEST((good("network: {provider: auto}").network.provider == NetworkConfig::Provider::automatic));
  for (const char* bad :
       {"configDir: a", "configDir: /../a", "pluginDirs: []", "pluginDirs: [b]", "pluginDirs: ['/a:/b']",
        "pluginDirs: /a", "timeout: 999ms", "timeout: 1", "confDir: /a"})
    BOOST_TEST(first_error(std::string("network: {cni: {") + bad + "}}").starts_with("c:1:"), bad);
  BOOST_TEST(first_error("network: {cni: {timeout: 500ms}}").contains("network.cni.timeout: found"));
}

}  // namespace podsd::spec

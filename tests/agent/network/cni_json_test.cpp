// SPDX-License-Identifier: Apache-2.0
// What of CNI is JSON: configurations, requests, results, errors.
#include <boost/test/unit_test.hpp>

#include "agent/network/cni/conflist.hpp"
#include "agent/network/cni/failure.hpp"
#include "agent/network/cni/result.hpp"

namespace podsd::network::cni {
namespace {

constexpr const char* three_plugins = R"({"cniVersion": "1.0.0", "name": "net", "args": {"x": 1}, "plugins": [
  {"type": "bridge", "isGateway": true, "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true, "dns": false}, "runtimeConfig": {"old": 1}},
  {"type": "bandwidth", "capabilities": {"bandwidth": true}}]})";

std::string error_of(const std::string& text, const std::string& file = "a.conflist") {
  const auto network = parse_network(text, file);
  return network ? "good" : network.error().message();
}

std::string list_with(const std::string& fields) {
  return R"({"cniVersion": "1.0.0", "name": "net", )" + fields + "}";
}

std::string result_error(const std::string& text) {
  const auto result = read_result(text, "1.0.0");
  return result ? "good" : result.error().message();
}

std::string said(int status, const std::string& out, const std::string& err) {
  return failure_of({PluginEnd::How::ended, status, out, err}, std::chrono::seconds(1)).text;
}

constexpr int exit_1 = 1 << 8;

}  // namespace

BOOST_AUTO_TEST_SUITE(cni_json)

BOOST_AUTO_TEST_CASE(a_conflist) {
  const auto network = parse_network(three_plugins, "10-net.conflist").value();
  BOOST_TEST(network.name == "net");
  BOOST_TEST(network.versions == std::vector<std::string>{"1.0.0"}, boost::test_tools::per_element());
  BOOST_TEST(!network.disable_check);
  BOOST_REQUIRE(network.plugins.size() == 3);
  BOOST_TEST(network.plugins[1].type == "portmap");
  BOOST_TEST(network.plugins[1].capabilities == std::set<std::string>{"portMappings"},
             boost::test_tools::per_element());
  const auto switches =
      parse_network(
          R"({"cniVersions": ["1.0.0", "1.1.0"], "name": "n", "disableCheck": "true", "disableGC": true, "plugins": [{"type": "x"}]})",
          "a.conflist")
          .value();
  BOOST_TEST(switches.disable_check);
  BOOST_TEST(switches.disable_gc);
  BOOST_TEST(switches.versions.size() == 2);
}

BOOST_AUTO_TEST_CASE(a_single_plugin_is_a_list_of_one) {
  for (const char* file : {"10-net.conf", "10-net.json"}) {
    const auto network =
        parse_network(R"({"cniVersion": "0.4.0", "name": "one", "type": "macvlan", "master": "eth1"})", file)
            .value();
    BOOST_TEST(network.name == "one");
    BOOST_REQUIRE(network.plugins.size() == 1);
    BOOST_TEST(network.plugins[0].config.at("master") == "eth1");
    BOOST_TEST(read_network(network.config, "record").value().plugins[0].type == "macvlan");
  }
}

BOOST_AUTO_TEST_CASE(errors_name_the_place) {
  BOOST_TEST(error_of("{\n  \"name\": }").starts_with("a.conflist: parse error at line 2, column 11"));
  BOOST_TEST(error_of("[]") == "a.conflist: .: found array, expected a mapping");
  BOOST_TEST(error_of("{}") == "a.conflist: name: is missing");
  BOOST_TEST(error_of(R"({"name": "a/b"})").starts_with("a.conflist: name: found \"a/b\", expected letters"));
  BOOST_TEST(error_of(R"({"name": "a", "plugins": []})") == "a.conflist: cniVersion: is missing");
  BOOST_TEST(error_of(R"({"name": "a", "cniVersion": 1})") ==
             "a.conflist: cniVersion: found number, expected a version such as 1.0.0");
  BOOST_TEST(error_of(R"({"name": "a", "cniVersion": "0.2.0"})") ==
             "a.conflist: cniVersion: found \"0.2.0\", expected one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0");
  BOOST_TEST(error_of(list_with(R"("plugins": [])")) ==
             "a.conflist: plugins: found array, expected a list of at least one plugin");
  BOOST_TEST(error_of(list_with(R"("x": 1)")) == "a.conflist: plugins: is missing");
  BOOST_TEST(error_of(list_with(R"("plugins": [{"type": "ok"}, {}])")) ==
             "a.conflist: plugins[1].type: is missing");
  BOOST_TEST(error_of(list_with(R"("plugins": [{"type": "../x"}])")) ==
             "a.conflist: plugins[0].type: found \"../x\", expected a file's name");
  BOOST_TEST(
      error_of(list_with(R"("plugins": [{"type": "x", "capabilities": ["dns"]}])")) ==
      "a.conflist: plugins[0].capabilities: found array, expected a mapping of names to true or false");
  BOOST_TEST(error_of(list_with(R"("disableCheck": 1, "plugins": [{"type": "x"}])")) ==
             "a.conflist: disableCheck: found number, expected true or false");
  BOOST_TEST(error_of(three_plugins, "a.conf") ==
             "a.conf: type: is missing, and a list of plugins belongs into a *.conflist");
  BOOST_TEST(error_of(std::string(100000, '[')) == "a.conflist: more than 64 levels");
}

BOOST_AUTO_TEST_CASE(what_a_plugin_reads) {
  const auto network = parse_network(three_plugins, "a.conflist").value();
  const Json runtime{
      {"portMappings", {{{"hostPort", 80}}}}, {"dns", Json::object()}, {"bandwidth", {{"x", 1}}}};
  const Json previous{{"cniVersion", "1.0.0"}};
  const Json first = plugin_config(network, network.plugins[0], "1.0.0", runtime, nullptr);
  BOOST_TEST(first ==
             Json::parse(R"({"cniVersion": "1.0.0", "name": "net", "type": "bridge", "isGateway": true,
    "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.1.0.0/24"}]]}})"));
  const Json second = plugin_config(network, network.plugins[1], "1.0.0", runtime, previous);
  BOOST_TEST(second == Json::parse(R"({"cniVersion": "1.0.0", "name": "net", "type": "portmap",
    "runtimeConfig": {"portMappings": [{"hostPort": 80}]}, "prevResult": {"cniVersion": "1.0.0"}})"));
}

BOOST_AUTO_TEST_CASE(results) {
  const char* text = R"({"cniVersion": "1.0.0", "vendor": {"x": 1},
    "interfaces": [{"name": "br0", "mac": "0a:00"}, {"name": "veth1"}, {"name": "eth0", "sandbox": "/run/netns/a"}],
    "ips": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1", "interface": 2}, {"address": "fd00::2/64", "interface": 2},
            {"address": "192.0.2.1/24", "interface": 0}],
    "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0", "gw": "fd00::1"}, {"dst": "10.0.0.0/8", "gw": "10.1.0.9"}]})";
  const Json result = read_result(text, "1.0.0").value();
  BOOST_TEST(result.at("vendor").at("x") == 1);
  const Attachment attachment = attachment_of(result, "eth0").value();
  BOOST_REQUIRE(attachment.addresses.size() == 2);
  BOOST_TEST(spec::to_string(attachment.addresses[0]) == "10.1.0.2/24");
  BOOST_TEST(spec::to_string(attachment.addresses[1]) == "fd00::2/64");
  BOOST_REQUIRE(attachment.gateways.size() == 2);
  BOOST_TEST(spec::to_string(attachment.gateways[0]) == "10.1.0.1");
  BOOST_TEST(spec::to_string(attachment.gateways[1]) == "fd00::1");
  BOOST_TEST(attachment_of(result, "net1").error().message() ==
             "the network's plugins gave no address for net1");
  BOOST_TEST(attachment_of(read_result(R"({"ips": [{"address": "10.1.0.2/24"}]})", "1.0.0").value(), "eth0")
                 .value()
                 .addresses.size() == 1);
  BOOST_TEST(attachment_of(read_result(R"({"ips": null, "interfaces": null})", "1.0.0").value(), "eth0")
                 .error()
                 .message() == "the network's plugins gave no address for eth0");
}

BOOST_AUTO_TEST_CASE(results_of_other_versions) {
  const Json newer =
      read_result(R"({"cniVersion": "0.4.0", "ips": [{"version": "4", "address": "10.1.0.2/24"}]})", "1.0.0")
          .value();
  BOOST_TEST(newer == Json::parse(R"({"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24"}]})"));
  const Json older =
      read_result(
          R"({"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24"}, {"address": "fd00::2/64"}]})",
          "0.3.1")
          .value();
  BOOST_TEST(older ==
             Json::parse(R"({"cniVersion": "0.3.1", "ips": [{"version": "4", "address": "10.1.0.2/24"},
    {"version": "6", "address": "fd00::2/64"}]})"));
  BOOST_TEST(read_result("{}", "0.4.0").value().at("cniVersion") == "0.4.0");
}

BOOST_AUTO_TEST_CASE(results_that_are_none) {
  BOOST_TEST(result_error("oops\x01").starts_with("its result is no JSON: parse error at line 1, column 1"));
  BOOST_TEST(result_error("oops\x01").ends_with(": \"oops\""));
  BOOST_TEST(result_error("").starts_with("its result is no JSON: parse error"));
  BOOST_TEST(result_error("7") == "the whole of its result is not a mapping");
  BOOST_TEST(result_error(R"({"cniVersion": "0.2.0", "ip4": {}})") ==
             "its result has version \"0.2.0\", expected 1.0.0");
  BOOST_TEST(result_error(R"({"cniVersion": 1})") == "its result has version \"\", expected 1.0.0");
  BOOST_TEST(result_error(R"({"ips": {}})") == "ips of its result is not a list");
  BOOST_TEST(result_error(R"({"ips": [1]})") == "ips[0] of its result is not a mapping");
  BOOST_TEST(result_error(R"({"ips": [{"address": "10.1.0.2"}]})") ==
             "ips[0].address of its result is not an address with its length");
  BOOST_TEST(result_error(R"({"ips": [{"address": "10.1.0.2/8", "gateway": "x"}]})") ==
             "ips[0].gateway of its result is not an address");
  for (const char* index : {"0", "-1", "\"0\"", "18446744073709551615"})
    BOOST_TEST(result_error(std::string(R"({"ips": [{"address": "10.1.0.2/8", "interface": )") + index +
                            "}]}") == "ips[0].interface of its result is not the number of an interface");
  BOOST_TEST(result_error(R"({"interfaces": [{}]})") ==
             "interfaces of its result is not a list of interfaces with names");
  BOOST_TEST(result_error(R"({"routes": [{"dst": "x"}]})") ==
             "routes of its result is not a list of routes with a range as dst");
  BOOST_TEST(
      result_error(std::string(500'000, '[')).starts_with("its result is no JSON: more than 64 levels"));
}

BOOST_AUTO_TEST_CASE(versions) {
  BOOST_TEST(
      read_versions(R"({"cniVersion": "1.0.0", "supportedVersions": ["0.4.0", "1.0.0"]})").value().size() ==
      2);
  BOOST_TEST(read_versions("no").error().message() == "its answer to VERSION is no JSON: \"no\"");
  BOOST_TEST(read_versions(R"({"supportedVersions": 1})").error().message() ==
             "its answer to VERSION names no versions");
}

BOOST_AUTO_TEST_CASE(what_a_plugin_says_of_its_failure) {
  BOOST_TEST(said(exit_1, R"({"code": 7, "msg": "bad subnet", "details": "10.1"})", "log") ==
             "bad subnet: 10.1 (code 7)");
  BOOST_TEST(said(exit_1, "", R"({"code": 11, "msg": "try again"})") == "try again (code 11)");
  BOOST_TEST(said(exit_1, R"({"code": 100})", "") == "code 100");
  BOOST_TEST(said(exit_1, "", "first\nlast words\n\n") == "it ended with status 1: last words");
  BOOST_TEST(said(exit_1, "on\x1b[1m out", "") == "it ended with status 1: on [1m out");
  BOOST_TEST(said(exit_1, "", "") == "it ended with status 1");
  BOOST_TEST(said(2 << 8, "", "x\npanic: nil map\n\ngoroutine 1:\nmain()\n") ==
             "it ended with status 2: panic: nil map");
  BOOST_TEST(said(exit_1, "{}", "{}") == "it ended with status 1: {}");
  BOOST_TEST(said(exit_1, "\xff", "") == "it ended with status 1: \xEF\xBF\xBD");
  BOOST_TEST(said(exit_1, std::string(2000, 'x'), "").size() < 450);
  BOOST_TEST(said(9, "", "") == "it was killed by signal 9");
  BOOST_TEST(failure_of({PluginEnd::How::took_too_long, 0, "{}", ""}, std::chrono::seconds(2)).text ==
             "it took longer than 2000 ms and was killed");
  BOOST_TEST(failure_of({PluginEnd::How::wrote_too_much, 0, "{}", ""}, std::chrono::seconds(2)).text ==
             "it wrote more than 1 MiB and was killed");
}

BOOST_AUTO_TEST_CASE(an_unknown_command) {
  BOOST_TEST(command_unknown({4, "unknown CNI_COMMAND: GC (code 4)"}));
  BOOST_TEST(!command_unknown({4, "CNI_NETNS is missing (code 4)"}));
  BOOST_TEST(!command_unknown({50, "unknown CNI_COMMAND"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::network::cni

// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/config.hpp"

#include "bundle.hpp"

using namespace podsd::runtime;
using nlohmann::json;

namespace {

std::string error_of(const json& config) {
  auto parsed = parse_config(config.dump());
  return parsed ? "" : parsed.error().message();
}

// The minimal config with one value put at a JSON pointer.
json with(const std::string& pointer, const json& value) {
  json config = minimal_config();
  config[json::json_pointer(pointer)] = value;
  return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(everything_is_read) {
  auto config = parse_config(R"({
    "ociVersion": "1.2.0", "root": {"path": "/r", "readonly": true}, "hostname": "h", "domainname": "d",
    "mounts": [{"destination": "/a", "type": "tmpfs", "source": "t", "options": ["ro", "size=1k"]}],
    "process": {"args": ["a", "b"], "cwd": "/w", "env": ["A=1"], "noNewPrivileges": true, "oomScoreAdj": -5,
      "user": {"uid": 1, "gid": 2, "additionalGids": [3, 4294967294], "umask": 63},
      "rlimits": [{"type": "RLIMIT_CORE", "soft": 1, "hard": 18446744073709551615}],
      "capabilities": {"bounding": ["CAP_KILL"]}},
    "linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/n"}], "sysctl": {"net.x": "1"},
      "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 438, "uid": 5, "gid": 6}],
      "maskedPaths": ["/m"], "readonlyPaths": ["/ro"], "resources": {"memory": {"limit": 1}}, "cgroupsPath": "/x"},
    "annotations": {"k": "v"}, "somethingNew": 1})");
  BOOST_REQUIRE_MESSAGE(config, (config ? "" : config.error().message()));
  BOOST_TEST(config->root == "/r");
  BOOST_TEST(config->root_readonly);
  BOOST_TEST(config->mounts.at(0).options.at(1) == "size=1k");
  BOOST_TEST(config->process.additional_gids.at(1) == 4294967294U);
  BOOST_TEST(config->process.umask == 077U);
  BOOST_TEST(config->process.rlimits.at(0).hard == ~std::uint64_t{0});
  BOOST_TEST(*config->process.oom_score_adj == -5);
  BOOST_TEST(config->namespaces.at(1).path == "/n");
  BOOST_TEST(config->devices.at(0).minor == 229U);
  BOOST_TEST(config->devices.at(0).mode == 0666U);
  BOOST_TEST(config->sysctl.at("net.x") == "1");
  BOOST_TEST(config->masked_paths.at(0) == "/m");
  BOOST_TEST(config->readonly_paths.at(0) == "/ro");
}

BOOST_AUTO_TEST_CASE(errors_name_the_field) {
  BOOST_TEST(error_of(with("/process/args", json::array())) ==
             "config.json: process.args must have at least one word");
  BOOST_TEST(error_of(with("/process/args", {1})) == "config.json: process.args[0] must be a string");
  BOOST_TEST(error_of(with("/process/args", {std::string("a\0b", 3)})) ==
             "config.json: process.args[0] must not hold a NUL byte");
  BOOST_TEST(error_of(with("/process/cwd", "w")) == "config.json: process.cwd must be an absolute path");
  for (const char* version : {"2.0.0", "1.0", "1.x.0", "1.0.0.0", "1.02.0", "1.0.", "1.0.0-", "", "newest"})
    BOOST_TEST(error_of(with("/ociVersion", version)) == "config.json: ociVersion must be a version 1.x.y",
               version);
  for (const char* version : {"1.0.0", "1.3.0", "1.2.0-rc.1+dev", "1.10.22+x"})
    BOOST_TEST(error_of(with("/ociVersion", version)) == "", version);
  BOOST_TEST(error_of(with("/annotations", {{"", "x"}})) == "config.json: annotations. must have a key");
  BOOST_TEST(error_of(with("/root/path", "")) == "config.json: root.path must not be empty");
  BOOST_TEST(error_of(with("/process/noNewPrivileges", 1)) ==
             "config.json: process.noNewPrivileges must be true or false");
  BOOST_TEST(error_of(with("/mounts", {{{"destination", "/"}}})) ==
             "config.json: mounts[0].destination must not be the root");
  BOOST_TEST(
      error_of(with("/linux/devices", {{{"path", "/d"}, {"type", "x"}, {"major", 1}, {"minor", 1}}})) ==
      "config.json: linux.devices[0].type must be c, u, b or p");
}

BOOST_AUTO_TEST_CASE(ids_never_wrap_to_root) {
  for (json id :
       {json(4294967295U), json(4294967296U), json(-1), json(1.5), json("0"), json(18446744073709551615U)})
    BOOST_TEST(error_of(with("/process/user/uid", id)) ==
               "config.json: process.user.uid must be a whole number from 0 to 4294967294");
  BOOST_TEST(error_of(with("/process/user/uid", 4294967294U)) == "");
}

BOOST_AUTO_TEST_CASE(names_of_network_devices) {
  for (const char* name : {"", "eth0", "eth%d", "x.12", "fifteen-letters"})
    BOOST_TEST(error_of(with("/linux/netDevices", {{"out0", {{"name", name}}}})) == "", name);
  for (const char* name : {".", "..", "a/b", "a:b", "a b", "%s", "%d%d", "sixteen-letters!"})
    BOOST_TEST(error_of(with("/linux/netDevices", {{"out0", {{"name", name}}}}))
                   .ends_with("linux.netDevices.out0.name is no name of a network device"),
               name);
  BOOST_TEST(error_of(with("/linux/netDevices", {{"out%d", json::object()}})) != "");
  auto config =
      parse_config(with("/linux/netDevices", {{"a", {{"name", "b"}}}, {"c", json::object()}}).dump());
  BOOST_REQUIRE(config && config->net_devices.size() == 2U);
  BOOST_TEST(config->net_devices[0].to == "b");
  BOOST_TEST(config->net_devices[1].to == "c");
}

BOOST_AUTO_TEST_CASE(what_has_no_meaning_is_refused) {
  BOOST_TEST(error_of(with("/process/terminal", "yes")) != "");
  BOOST_TEST(error_of(with("/process/consoleSize", {{"height", 70000}, {"width", 80}})) == "");
  BOOST_TEST(error_of(with("/hooks", {{"prestart", json::array()}})) == "");
  BOOST_TEST(error_of(with("/linux/rootfsPropagation", "bogus")).ends_with("is not known: bogus"));
  BOOST_TEST(error_of(with("/linux/intelRdt", {{"closID", "x"}})).ends_with("no resctrl is managed"));
  BOOST_TEST(error_of(with("/linux/personality", json::object())).ends_with("must be LINUX or LINUX32"));
  BOOST_TEST(error_of(with("/process/scheduler", {{"policy", "X"}})).ends_with("is not known: X"));
  BOOST_TEST(error_of(with("/process/ioPriority", {{"class", "IOPRIO_CLASS_BE"}, {"priority", 8}})) != "");
  for (const char* version : {"1.0", "1", "2.0.0", "1.0.x", "1..0", "1.0.0x"})
    BOOST_TEST(error_of(with("/ociVersion", version)).ends_with("must be a version 1.x.y"), version);
  for (const char* version : {"1.0.0", "1.2.0+dev", "1.3.0-rc.1"})
    BOOST_TEST(error_of(with("/ociVersion", version)) == "", version);
  BOOST_TEST(error_of(with("/linux/rootfsPropagation", "rslave")) == "");
}

BOOST_AUTO_TEST_CASE(what_is_not_json_tells_where) {
  auto parsed = parse_config("{\n  \"a\": }");
  BOOST_REQUIRE(!parsed);
  BOOST_TEST(parsed.error().message().find("line 2, column 8") != std::string::npos);
  BOOST_TEST(!parse_config(""));
  BOOST_TEST(!parse_config("[]"));
  BOOST_TEST(!parse_config(std::string(100'000, '[')));
}

BOOST_AUTO_TEST_SUITE_END()

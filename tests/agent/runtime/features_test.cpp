// SPDX-License-Identifier: Apache-2.0
// features.md: what the runtime says it knows, it takes.
#include "agent/runtime/commands.hpp"
#include "agent/runtime/mount_options.hpp"
#include "agent/runtime/names.hpp"
#include "agent/runtime/seccomp.hpp"
#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;

namespace {

json features() {
  return json::parse(features_json());
}

bool has(const json& list, const char* name) {
  return std::ranges::find(list, name) != list.end();
}

// Unlike the cache's, a folder that cannot be: nothing is kept.
std::string seccomp_error(const json& profile) {
  auto filter = seccomp_filter(profile.dump(), "/dev/null/none");
  return filter ? "" : filter.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(features_document)

BOOST_AUTO_TEST_CASE(versions_are_taken) {
  for (const char* key : {"ociVersionMin", "ociVersionMax"}) {
    json config = minimal_config();
    config["ociVersion"] = features()[key];
    BOOST_TEST(parse_config(config.dump()).has_value(), key);
  }
}

BOOST_AUTO_TEST_CASE(mount_options_are_flags) {
  const json names = features()["mountOptions"];
  for (const char* name : {"ro", "rbind", "rro", "private", "remount", "nosymfollow", "defaults"})
    BOOST_TEST(has(names, name), name);
  for (const std::string name : names) {
    BOOST_TEST(parse_mount_options({name}).data == "", name);
  }
}

BOOST_AUTO_TEST_CASE(namespaces_and_capabilities) {
  const json linux_part = features()["linux"];
  BOOST_TEST(linux_part["namespaces"].size() >= 6U);
  for (const std::string name : linux_part["namespaces"]) BOOST_TEST(namespace_flag(name).has_value(), name);
  BOOST_TEST(linux_part["capabilities"].size() == 41U);
  for (const std::string name : linux_part["capabilities"])
    BOOST_TEST(capability_number(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(seccomp) {
  const json seccomp = features()["linux"]["seccomp"];
  for (const json& action : seccomp["actions"]) {
    json rule = {{"names", {"getcwd"}}, {"action", action}};
    BOOST_TEST(seccomp_error({{"defaultAction", "SCMP_ACT_ALLOW"}, {"syscalls", {rule}}}) == "");
  }
  for (const json& op : seccomp["operators"]) {
    json argument = {{"index", 0}, {"value", 1}, {"op", op}};
    json rule = {{"names", {"close"}}, {"action", "SCMP_ACT_ERRNO"}, {"args", {argument}}};
    BOOST_TEST(seccomp_error({{"defaultAction", "SCMP_ACT_ALLOW"}, {"syscalls", {rule}}}) == "");
  }
  // All at once is more than one filter can hold: of the kernel's families, those of the same byte order.
  for (const json& arch : seccomp["archs"]) {
    auto profile =
        parse_seccomp(json({{"defaultAction", "SCMP_ACT_ALLOW"}, {"architectures", {arch}}}).dump());
    BOOST_REQUIRE(profile);
    BOOST_TEST(profile->architectures.size() == 1U);
  }
  // One flag is of the listener's, so there is one.
  const json notify = {{"names", {"close"}}, {"action", "SCMP_ACT_NOTIFY"}};
  for (const json& flag : seccomp["knownFlags"])
    BOOST_TEST(seccomp_error(
                   {{"defaultAction", "SCMP_ACT_ALLOW"}, {"flags", {flag}}, {"syscalls", {notify}}}) == "");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;

namespace {

const json profile = {
    {"defaultAction", "SCMP_ACT_ALLOW"},
    {"syscalls",
     {{{"names", {"chmod", "fchmodat", "no_such_call"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 39}}}}};
const std::string script =
    "chmod 0700 / 2>&1; grep -E '^(Seccomp|NoNew)' /proc/self/status | tr '\\n\\t' '  '";
const std::string denied = "chmod: /: Directory not empty\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(seccomp_run, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(a_filter_holds_with_and_without_no_new_privileges) {
  for (const bool no_new_privileges : {false, true})
    for (const int uid : {0, 1000}) {
      Bundle bundle;
      bundle.config["process"]["noNewPrivileges"] = no_new_privileges;
      bundle.config["process"]["user"]["uid"] = uid;
      bundle.config["linux"]["seccomp"] = profile;
      const auto outcome = bundle.shell(script);
      BOOST_TEST(outcome.output == denied + "NoNewPrivs: " + (no_new_privileges ? "1" : "0") +
                                       " Seccomp: 2 Seccomp_filters: 1 ");
      BOOST_TEST(outcome.status == 0);
    }
}

BOOST_AUTO_TEST_CASE(calls_that_are_not_known_are_told) {
  Bundle bundle;
  bundle.config["linux"]["seccomp"] = profile;
  bundle.config["linux"]["seccomp"]["syscalls"][0]["errnoRet"] = 40;  // nobody has compiled this one yet
  const auto outcome = bundle.shell(script);
  BOOST_TEST(outcome.log.find("no_such_call") != std::string::npos);
  BOOST_TEST(outcome.log.find("\"level\":\"warning\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_wrong_starts_nothing) {
  Bundle bundle;
  bundle.config["linux"]["seccomp"] = profile;
  bundle.config["linux"]["seccomp"]["syscalls"][0]["action"] = "SCMP_ACT_MAYBE";
  const auto outcome = bundle.shell("echo ran");
  BOOST_TEST(outcome.output.find("ran") == std::string::npos);
  BOOST_TEST(outcome.message().find("linux.seccomp.syscalls[0].action") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

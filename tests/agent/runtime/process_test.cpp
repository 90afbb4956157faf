// SPDX-License-Identifier: Apache-2.0
// The fields of config.md's "Linux Process" as a program finds them.
#include <iterator>
#include <sstream>

#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;

namespace {

boost::test_tools::assertion_result without_modules(utf::test_unit_id) {
  boost::test_tools::assertion_result result(!std::filesystem::exists("/sys/kernel/security/apparmor") &&
                                             !std::filesystem::exists("/sys/fs/selinux"));
  result.message() << "needs a kernel without AppArmor and SELinux";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process_fields, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(scheduling) {
  Bundle bundle;
  bundle.config["process"]["scheduler"] = {{"policy", "SCHED_BATCH"}, {"nice", 7}};
  bundle.config["process"]["user"]["uid"] = 1000;
  // Fields 19 and 41 of proc(5)'s stat: nice and policy.
  auto outcome = bundle.shell("cat /proc/self/stat");
  std::istringstream fields(outcome.output);
  std::vector<std::string> stat(std::istream_iterator<std::string>(fields), {});
  BOOST_REQUIRE_MESSAGE(stat.size() > 41, outcome.log);
  BOOST_TEST(stat[18] == "7");
  BOOST_TEST(stat[40] == "3");
}

BOOST_AUTO_TEST_CASE(personality) {
  Bundle bundle;
  bundle.config["linux"]["personality"] = {{"domain", "LINUX32"}};
  BOOST_TEST(bundle.shell("cat /proc/self/personality").output == "00000008\n");
}

BOOST_AUTO_TEST_CASE(capabilities_that_cannot_be_granted) {
  Bundle bundle;
  bundle.config["process"]["capabilities"]["ambient"] = {"CAP_KILL"};
  auto outcome = bundle.shell("grep CapAmb /proc/self/status");
  BOOST_TEST(outcome.output == "CapAmb:\t0000000000000000\n");
  BOOST_TEST(json::parse(outcome.log)["msg"] ==
             "a capability that cannot be granted is left out: CAP_KILL (ambient)");
}

// On a kernel with one of them only that one can tell.
BOOST_AUTO_TEST_CASE(labels_without_their_module, *utf::precondition(without_modules)) {
  Bundle bundle;
  bundle.config["process"]["apparmorProfile"] = "x";
  BOOST_TEST(bundle.run().message().starts_with("cannot apply an AppArmor profile"));
  bundle.config["process"].erase("apparmorProfile");
  bundle.config["linux"]["mountLabel"] = "x";
  BOOST_TEST(bundle.run().message().starts_with("a SELinux label is asked for"));
}

BOOST_AUTO_TEST_CASE(its_own_cgroup_without_a_namespace) {
  Bundle bundle;
  bundle.config["linux"]["namespaces"] =
      json::parse(R"([{"type":"pid"},{"type":"mount"},{"type":"uts"},{"type":"ipc"}])");
  auto outcome = bundle.shell("ls /sys/fs/cgroup | grep cgroup.procs; grep -c 1 /sys/fs/cgroup/cgroup.procs");
  BOOST_TEST(outcome.output.starts_with("cgroup.procs\n"));
  BOOST_TEST(outcome.log == "");
}

BOOST_AUTO_TEST_CASE(propagation_of_the_root) {
  for (auto [mode, fields] : {std::pair{"shared", "shared:"}, std::pair{"unbindable", "unbindable"}}) {
    Bundle bundle;
    bundle.config["linux"]["rootfsPropagation"] = mode;
    auto outcome = bundle.shell("grep ' / / ' /proc/self/mountinfo || head -1 /proc/self/mountinfo");
    BOOST_TEST(outcome.output.find(fields) != std::string::npos,
               mode << ": " << outcome.output << outcome.log);
  }
}

BOOST_AUTO_TEST_SUITE_END()

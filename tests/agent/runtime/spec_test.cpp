// SPDX-License-Identifier: Apache-2.0
// spec: the configuration that it writes runs.
#include "bundle.hpp"

using namespace podsd::runtime;
using json = nlohmann::json;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(spec_command, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(its_configuration_runs) {
  Bundle bundle;
  BOOST_TEST(bundle.command({"spec"}).status == 0);
  bundle.config = json::parse(slurp(bundle.dir / "config.json"));
  BOOST_TEST(bundle.config["process"]["terminal"] == true);
  bundle.config["process"]["terminal"] = false;  // there is none here
  auto outcome = bundle.shell("hostname; id -u; cat /proc/1/comm; touch /x 2>&1 || echo read-only");
  BOOST_TEST(outcome.log == "");
  BOOST_TEST(outcome.output.starts_with("container\n0\nsh\n"));
  BOOST_TEST(outcome.output.ends_with("read-only\n"));
}

BOOST_AUTO_TEST_CASE(what_is_there_stays) {
  Bundle bundle;
  fs::create_directory(bundle.dir / "other");
  spill(bundle.dir / "other/config.json", "mine");
  const std::string path = (bundle.dir / "other").string();
  auto outcome = bundle.command({"spec", "--bundle", path});
  BOOST_TEST(outcome.status == 1);
  BOOST_TEST(outcome.message() == "there is one already, remove it first: " + path + "/config.json");
  BOOST_TEST(slurp(bundle.dir / "other/config.json") == "mine");
}

BOOST_AUTO_TEST_SUITE_END()

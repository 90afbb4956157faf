// SPDX-License-Identifier: Apache-2.0
#include "policies/cni.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

using Texts = std::vector<std::string>;

std::string chosen(const Texts& offered, const std::vector<CniPluginVersions>& plugins) {
  const auto version = choose_cni_version(offered, plugins);
  return version ? *version : version.error().message();
}

const Texts old{"0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"};
const Texts current{"0.3.1", "0.4.0", "1.0.0", "1.1.0"};

}  // namespace

BOOST_AUTO_TEST_SUITE(cni)

BOOST_AUTO_TEST_CASE(configurations_are_tried_by_name) {
  const Texts names{"99-loopback.conf", "10-a.conflist~", "20-b.conflist", ".hidden", "10-c.json", "README"};
  BOOST_TEST(cni_config_files(names) == (Texts{"10-c.json", "20-b.conflist", "99-loopback.conf"}),
             boost::test_tools::per_element());
  BOOST_TEST(cni_config_files({"a.json", "B.conf", "10.conf", "9.conf"}) ==
                 (Texts{"10.conf", "9.conf", "B.conf", "a.json"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_newest_version_that_all_know) {
  BOOST_TEST(chosen({"1.0.0"}, {{"bridge", old}, {"portmap", current}}) == "1.0.0");
  BOOST_TEST(chosen({"0.4.0", "1.1.0", "1.0.0"}, {{"bridge", current}}) == "1.1.0");
  BOOST_TEST(chosen({"1.1.0", "1.0.0", "0.4.0"}, {{"bridge", old}, {"portmap", current}}) == "1.0.0");
  BOOST_TEST(chosen({"2.0.0", "0.4.0"}, {{"bridge", old}}) == "0.4.0");
}

BOOST_AUTO_TEST_CASE(no_version_in_common) {
  BOOST_TEST(chosen({"1.1.0"}, {{"portmap", current}, {"bridge", {"0.4.0", "1.0.0"}}}) ==
             "plugin bridge does not know CNI version 1.1.0, only 0.4.0, 1.0.0");
  BOOST_TEST(chosen({"1.1.0", "1.0.0"}, {{"bridge", {}}}) ==
             "plugin bridge does not know CNI version 1.1.0, only none");
  BOOST_TEST(chosen({"2.0.0", "0.1.0"}, {}) ==
             "of CNI version 2.0.0, 0.1.0 none is known here, expected one of 0.3.0 to 1.1.0");
}

BOOST_AUTO_TEST_CASE(commands_came_with_versions) {
  for (const auto command : {CniCommand::add, CniCommand::del, CniCommand::version})
    for (const char* version : {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"})
      BOOST_TEST(cni_has(version, command));
  BOOST_TEST(!cni_has("0.3.1", CniCommand::check));
  BOOST_TEST(cni_has("0.4.0", CniCommand::check));
  for (const auto command : {CniCommand::gc, CniCommand::status}) {
    BOOST_TEST(!cni_has("1.0.0", command));
    BOOST_TEST(cni_has("1.1.0", command));
  }
  BOOST_TEST(!cni_has("0.2.0", CniCommand::add));
  BOOST_TEST(cni_name(CniCommand::status) == "STATUS");
}

BOOST_AUTO_TEST_CASE(names) {
  for (const char* good : {"a", "0net", "pods-web", "a_b.c-d"}) BOOST_TEST(is_cni_name(good), good);
  for (const char* bad : {"", "-a", ".a", "_a", "a b", "a:b", "a/b", "ä"}) BOOST_TEST(!is_cni_name(bad), bad);
  for (const char* good : {"bridge", "host-local", "x.y"}) BOOST_TEST(is_cni_plugin_type(good), good);
  for (const char* bad : {"", ".", "..", "../x", "a/b", "a\n", "/bin/sh"})
    BOOST_TEST(!is_cni_plugin_type(bad), bad);
}

BOOST_AUTO_TEST_CASE(names_of_sandboxes) {
  BOOST_TEST(cni_container_id("pods-web") == "pods-web");
  BOOST_TEST(cni_container_id("pods-team_a:web.x") == "pods-team_a-web.x");
  BOOST_TEST(is_cni_name(cni_container_id("pods-team_a:web.x")));
  BOOST_TEST(cni_instance("pods-a:web") == "pods-a:web");
  const std::string longest(237, 'x'), longer(238, 'x'), other = longer + "y";
  BOOST_TEST(cni_instance(longest) == longest);
  BOOST_TEST(cni_instance(longer).size() == 237);
  BOOST_TEST(cni_instance(longer) != cni_instance(other));
}

BOOST_AUTO_TEST_CASE(arguments) {
  BOOST_TEST(
      cni_args("pods-team-web", "team", "web", "u-1") ==
      "IgnoreUnknown=1;K8S_POD_NAMESPACE=team;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=pods-team-web;"
      "K8S_POD_UID=u-1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::policies

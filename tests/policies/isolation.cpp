// SPDX-License-Identifier: Apache-2.0
#include "policies/isolation.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::policies {
namespace {

using Names = std::vector<std::string>;
constexpr std::size_t all = 41, usual = default_capabilities.size();

std::set<std::string, std::less<>> held(Names add, Names drop, bool privileged = false) {
  spec::SecurityContext security;
  security.add_capabilities = std::move(add);
  security.drop_capabilities = std::move(drop);
  security.privileged = privileged;
  return container_capabilities(security);
}

}  // namespace

BOOST_AUTO_TEST_CASE(capabilities_of_a_container) {
  BOOST_TEST(held({}, {}).size() == usual);
  BOOST_TEST(held({"CAP_NET_ADMIN"}, {}).contains("CAP_NET_ADMIN"));
  BOOST_TEST(!held({}, {"CAP_KILL"}).contains("CAP_KILL"));
  BOOST_TEST(held({"ALL"}, {}).size() == all);
  BOOST_TEST(held({"ALL"}, {"CAP_KILL"}).size() == all - 1);
  BOOST_TEST(held({}, {"ALL"}).empty());
  BOOST_TEST((held({"CAP_CHOWN"}, {"ALL"}) == std::set<std::string, std::less<>>{"CAP_CHOWN"}));
  BOOST_TEST(held({"CAP_CHOWN"}, {"CAP_CHOWN"}).size() == usual - 1);
  BOOST_TEST(held({}, {"ALL"}, true).size() == all);
}

}  // namespace podsd::policies

// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "policies/hosts_file.hpp"

namespace podsd::policies {
namespace {

const std::vector<spec::HostAlias> two{{"192.0.2.7", {"db", "db.example"}}, {"fd00::7", {"db"}}};
const std::string loopback =
    "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

}  // namespace

BOOST_AUTO_TEST_CASE(a_pod_stands_at_its_addresses) {
  BOOST_TEST(hosts_text({"10.87.0.2", "fd00::2"}, "web", "", {}) ==
             loopback + "10.87.0.2\tweb\nfd00::2\tweb\n");
  BOOST_TEST(hosts_text({"10.87.0.2"}, "web", "db.default.svc.cluster.local", {}) ==
             loopback + "10.87.0.2\tweb.db.default.svc.cluster.local\tweb\n");
  BOOST_TEST(hosts_text({}, "web", "", {}) == loopback + "127.0.0.1\tweb\n");
}

BOOST_AUTO_TEST_CASE(aliases_come_last) {
  const std::string aliases = "\n# hostAliases\n192.0.2.7\tdb\tdb.example\nfd00::7\tdb\n";
  BOOST_TEST(hosts_text({"10.87.0.2"}, "web", "", two) == loopback + "10.87.0.2\tweb\n" + aliases);
  const std::string managed = "# Kubernetes-managed hosts file (host network).\n";
  BOOST_TEST(host_network_hosts_text("127.0.0.1 host\n", two) == managed + "127.0.0.1 host\n" + aliases);
  BOOST_TEST(host_network_hosts_text("127.0.0.1 host", {}) == managed + "127.0.0.1 host\n");
}

}  // namespace podsd::policies

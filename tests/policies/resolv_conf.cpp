// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "policies/resolv_conf.hpp"

namespace podsd::policies {
namespace {

using spec::DnsPolicy;

const ResolvConf host{{"192.0.2.53"}, {"example.org"}, {"timeout:1", "edns0"}};
const std::string node_search =
    "search default.pod pod default.svc.cluster.local svc.cluster.local cluster.local";

struct Row {
  DnsPolicy policy;
  bool host_network;
  bool node;
  std::string text;
};

const Row rows[] = {
    {DnsPolicy::host, false, true, "search example.org\nnameserver 192.0.2.53\noptions timeout:1 edns0\n"},
    {DnsPolicy::cluster_first, false, true,
     node_search + " example.org\nnameserver 10.87.0.1\nnameserver fd00::1\noptions ndots:5\n"},
    {DnsPolicy::cluster_first, true, true,
     "search example.org\nnameserver 192.0.2.53\noptions timeout:1 edns0\n"},
    {DnsPolicy::cluster_first, false, false,
     "search example.org\nnameserver 192.0.2.53\noptions timeout:1 edns0\n"},
    {DnsPolicy::cluster_first_with_host_net, true, true,
     node_search + " example.org\nnameserver 10.87.0.1\nnameserver fd00::1\noptions ndots:5\n"},
    {DnsPolicy::cluster_first_with_host_net, true, false,
     "search example.org\nnameserver 192.0.2.53\noptions timeout:1 edns0\n"},
    {DnsPolicy::none, false, true, ""},
};

ResolverFacts facts(bool host_network, bool node) {
  ResolverFacts facts{host, {}, "default", host_network};
  if (node) facts.of_this_node = {"10.87.0.1", "fd00::1"};
  return facts;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_hosts_file_is_read) {
  const ResolvConf conf = read_resolv_conf(
      "# by hand\n; too\nnameserver\t192.0.2.1  \nnameserver 2001:db8::1\nnameserver "
      "192.0.2.1\nnameserver\ndomain old\n"
      "search a b\nsearch  c\td\r\noptions edns0 rotate\noptions edns0 timeout:2\nsortlist 1.2.3.4");
  BOOST_TEST(
      (conf == ResolvConf{{"192.0.2.1", "2001:db8::1"}, {"c", "d"}, {"edns0", "rotate", "timeout:2"}}));
  BOOST_TEST((read_resolv_conf("") == ResolvConf{}));
}

BOOST_AUTO_TEST_CASE(a_stub_on_loopback_is_not_reached) {
  const auto chosen = [](const char* text, const char* uplinks) {
    return resolv_conf_text(reachable_resolver(text, uplinks));
  };
  const char* up = "nameserver 192.0.2.9\nsearch up\n";
  BOOST_TEST(chosen("nameserver 127.0.0.53\nsearch stub\n", up) == "search up\nnameserver 192.0.2.9\n");
  BOOST_TEST(chosen("nameserver ::1\n", up) == "search up\nnameserver 192.0.2.9\n");
  BOOST_TEST(chosen("nameserver 127.0.0.53\n", "search x\n") == "nameserver 127.0.0.53\n");
  BOOST_TEST(chosen("nameserver 127.0.0.53\nnameserver 192.0.2.1\n", up) ==
             "nameserver 127.0.0.53\nnameserver 192.0.2.1\n");
}

BOOST_AUTO_TEST_CASE(each_policy) {
  for (const Row& row : rows)
    BOOST_TEST_CONTEXT(static_cast<int>(row.policy) << row.host_network << row.node) {
      spec::PodNames names;
      names.policy = row.policy;
      const PodResolver resolver = pod_resolver(names, facts(row.host_network, row.node));
      BOOST_TEST(resolv_conf_text(resolver.conf) == row.text);
      BOOST_TEST(resolver.left_out == "");
    }
}

BOOST_AUTO_TEST_CASE(the_stub_is_not_the_hosts) {
  spec::PodNames names;
  names.policy = DnsPolicy::host;
  ResolverFacts known = facts(false, true);
  known.host = {{"10.87.0.1", "192.0.2.53", "fd00::1"}, {}, {}};
  BOOST_TEST(resolv_conf_text(pod_resolver(names, known).conf) == "nameserver 192.0.2.53\n");
  known.host.nameservers = {"10.87.0.1"};
  BOOST_TEST(resolv_conf_text(pod_resolver(names, known).conf) == "nameserver 10.87.0.1\n");
}

BOOST_AUTO_TEST_CASE(dns_config_is_added) {
  spec::PodNames names;
  names.policy = DnsPolicy::host;
  names.dns = {{"192.0.2.53", "1.1.1.1"}, {"more", "example.org"}, {{"timeout", "5"}, {"rotate", {}}}};
  BOOST_TEST(resolv_conf_text(pod_resolver(names, facts(false, true)).conf) ==
             "search example.org more\nnameserver 192.0.2.53\nnameserver 1.1.1.1\n"
             "options timeout:5 edns0 rotate\n");
  names.policy = DnsPolicy::none;
  BOOST_TEST(
      resolv_conf_text(pod_resolver(names, facts(false, true)).conf) ==
      "search more example.org\nnameserver 192.0.2.53\nnameserver 1.1.1.1\noptions timeout:5 rotate\n");
}

BOOST_AUTO_TEST_CASE(limits_of_resolvers) {
  spec::PodNames names;
  names.policy = DnsPolicy::host;
  names.dns.nameservers = {"1.1.1.1", "2.2.2.2", "3.3.3.3"};
  PodResolver resolver = pod_resolver(names, facts(false, true));
  BOOST_TEST(resolver.conf.nameservers.size() == 3U);
  BOOST_TEST(resolver.left_out == "3.3.3.3");
  names.dns.nameservers = {};
  for (int i = 0; i < 32; ++i) names.dns.searches.push_back("s" + std::to_string(i));
  resolver = pod_resolver(names, facts(false, true));
  BOOST_TEST(resolver.conf.searches.size() == 32U);
  BOOST_TEST(resolver.left_out == "s31");
  names.dns.searches = {std::string(256, 'x')};
  for (int i = 0; i < 9; ++i) names.dns.searches.push_back(std::string(240, static_cast<char>('a' + i)));
  resolver = pod_resolver(names, facts(false, true));
  BOOST_TEST(resolver.conf.searches.size() == 9U);
  BOOST_TEST(resolver.left_out == std::string(256, 'x') + " " + std::string(240, 'i'));
}

}  // namespace podsd::policies

// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include "dns.hpp"
#include "policies/pod_names.hpp"

namespace podsd::policies {
namespace {

std::vector<spec::IpAddress> ips(std::initializer_list<const char*> texts) {
  std::vector<spec::IpAddress> out;
  for (const char* text : texts) out.push_back(*spec::parse_ip(text));
  return out;
}

const std::vector<NamedPod> pods{
    {"default", "web", "web", "", ips({"10.87.0.2", "fd00::2"})},
    {"team-a", "web", "web-0", "web", ips({"10.87.0.3", "fd00::3"})},
    {"team-a", "v1.db", "web-1", "web", ips({"10.87.0.4"})},
};
const std::vector<spec::IpPrefix> ranges{*spec::parse_prefix("10.87.0.0/16"),
                                         *spec::parse_prefix("fd00::/64")};

/// "elsewhere", "no such name", or what is told.
std::string asked(const std::string& name, dns::Type type, const char* asker = "10.87.0.2") {
  const auto query = dns::parse_query(dns::question(name, type));
  const auto answer = node_answer(*query, *spec::parse_ip(asker), pods, ranges);
  if (!answer) return "elsewhere";
  if (answer->rcode != dns::no_error) return "no such name";
  std::string text = answer->pointer;
  for (const spec::IpAddress& address : answer->addresses)
    text += (text.empty() ? "" : " ") + spec::to_string(address);
  return text;
}

struct Row {
  const char* name;
  dns::Type type;
  const char* answer;
};

const Row rows[] = {
    {"web.default.pod", dns::a, "10.87.0.2"},
    {"WEB.default.pod", dns::aaaa, "fd00::2"},
    {"web.default.pod", dns::any, "10.87.0.2 fd00::2"},
    {"web.default.pod", dns::ptr, ""},
    {"web.team-a.pod", dns::a, "10.87.0.3"},
    {"v1.db.team-a.pod", dns::a, "10.87.0.4"},
    {"v1.db.team-a.pod", dns::aaaa, ""},
    {"db.team-a.pod", dns::a, "no such name"},
    {"web.nobody.pod", dns::a, "no such name"},
    {"nobody.pod", dns::a, "no such name"},
    {"default.pod", dns::a, ""},
    {"pod", dns::a, ""},
    {"tripod", dns::a, "elsewhere"},
    {"a.tripod", dns::a, "elsewhere"},
    {"web-0.web.team-a.svc.cluster.local", dns::a, "10.87.0.3"},
    {"web-1.web.team-a.svc.cluster.local", dns::a, "10.87.0.4"},
    {"web.team-a.svc.cluster.local", dns::a, "10.87.0.3 10.87.0.4"},
    {"web-2.web.team-a.svc.cluster.local", dns::a, "no such name"},
    {"web.default.svc.cluster.local", dns::a, "no such name"},
    {"team-a.svc.cluster.local", dns::a, "no such name"},
    {"cluster.local", dns::a, "no such name"},
    {"x.local", dns::a, "elsewhere"},
    {"3.0.87.10.in-addr.arpa", dns::ptr, "web.team-a.pod"},
    {"3.0.87.10.in-addr.arpa", dns::a, ""},
    {"9.0.87.10.in-addr.arpa", dns::ptr, "no such name"},
    {"03.0.87.10.in-addr.arpa", dns::ptr, "elsewhere"},
    {"0.87.10.in-addr.arpa", dns::ptr, "elsewhere"},
    {"1.3.0.87.10.in-addr.arpa", dns::ptr, "elsewhere"},
    {"256.0.87.10.in-addr.arpa", dns::ptr, "elsewhere"},
    {"1.2.0.192.in-addr.arpa", dns::ptr, "elsewhere"},
    {"3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", dns::ptr, "web.team-a.pod"},
    {"3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.d.f.ip6.arpa", dns::ptr, "elsewhere"},
    {"web", dns::a, "10.87.0.2"},
    {"v1", dns::a, "elsewhere"},
    {"com", dns::a, "elsewhere"},
    {"", dns::any, "elsewhere"},
    {"example.org", dns::a, "elsewhere"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(names_of_pods) {
  for (const Row& row : rows) BOOST_TEST_CONTEXT(row.name << " " << row.type) {
      BOOST_TEST(asked(row.name, row.type) == row.answer);
    }
}

BOOST_AUTO_TEST_CASE(a_name_alone_is_of_the_askers_namespace) {
  BOOST_TEST(asked("web", dns::a, "10.87.0.4") == "10.87.0.3");
  BOOST_TEST(asked("web", dns::a, "fd00::3") == "10.87.0.3");
  BOOST_TEST(asked("web", dns::a, "10.87.0.1") == "elsewhere");
}

BOOST_AUTO_TEST_CASE(other_classes_are_not_ours) {
  auto query = *dns::parse_query(dns::question("web.default.pod", dns::a));
  query.cls = 3;
  BOOST_TEST(!node_answer(query, pods[0].addresses[0], pods, ranges));
}

}  // namespace podsd::policies

// SPDX-License-Identifier: Apache-2.0
// Rule sets as `nft --json list ruleset` writes them, cut to what is read.
#include "agent/network/foreign_rules.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::network {
namespace {

/// A table with one base chain `c` at `hook`, and further rules of chain `x`.
std::string barriers(const std::string& hook, const std::string& policy, const std::string& rules,
                     const std::string& rules_of_x = "", bool bridged = false) {
  const auto list = [](const std::string& chain, const std::string& expressions) {
    std::string out;
    for (std::size_t at = 0; at < expressions.size();) {
      const std::size_t end = std::min(expressions.find('\n', at), expressions.size());
      out += R"(,{"rule":{"family":"inet","table":"t","chain":")" + chain + R"(","expr":)" +
             expressions.substr(at, end - at) + "}}";
      at = end + 1;
    }
    return out;
  };
  const std::string text =
      R"({"nftables":[{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":")" + hook +
      R"(","policy":")" + policy + R"("}},{"chain":{"family":"inet","table":"t","name":"x"}})" +
      list("c", rules) + list("x", rules_of_x) + "]}";
  std::string out;
  for (const policies::Barrier& b : foreign_barriers(nlohmann::json::parse(text), "pods0", bridged)) {
    static constexpr const char* ways[] = {"from", "to", "host", "among"};
    out += std::string(out.empty() ? "" : " ") + ways[static_cast<int>(b.way)] + (b.by_policy ? "!" : "");
  }
  return out;
}

std::string meta(const std::string& key, const std::string& right, const std::string& op = "==") {
  return R"({"match":{"op":")" + op + R"(","left":{"meta":{"key":")" + key + R"("}},"right":)" + right + "}}";
}

std::string ct(const std::string& key, const std::string& right) {
  return R"({"match":{"op":"in","left":{"ct":{"key":")" + key + R"("}},"right":)" + right + "}}";
}

constexpr const char* accept = R"({"accept":null})";
constexpr const char* drop = R"({"drop":null})";
constexpr const char* reject = R"({"reject":{"type":"icmpx","expr":"port-unreachable"}})";

std::string rule(std::initializer_list<std::string> expressions) {
  std::string out;
  for (const std::string& one : expressions) out += (out.empty() ? "[" : ",") + one;
  return out + "]";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(foreign_rules)

BOOST_AUTO_TEST_CASE(a_policy_drops_what_no_rule_accepts) {
  BOOST_TEST(barriers("forward", "accept", "") == "");
  BOOST_TEST(barriers("forward", "drop", "") == "from! to!");
  BOOST_TEST(barriers("input", "drop", "") == "host!");
  BOOST_TEST(barriers("output", "drop", "") == "");
  BOOST_TEST(barriers("forward", "drop", rule({ct("state", R"(["established","related"])"), accept})) ==
             "from! to!");
  BOOST_TEST(barriers("forward", "drop", rule({meta("iifname", R"("pods0")"), accept})) == "to!");
  BOOST_TEST(barriers("forward", "drop", rule({meta("iifname", R"({"set":["lo","pods0"]})"), accept})) ==
             "to!");
  BOOST_TEST(barriers("forward", "drop", rule({meta("iifname", R"("pod*")"), accept})) == "to!");
  BOOST_TEST(barriers("forward", "drop", rule({meta("iifname", R"("eth0")", "!="), accept})) == "");
  BOOST_TEST(barriers("forward", "drop", rule({ct("status", R"("dnat")"), accept})) == "from!");
  BOOST_TEST(barriers("input", "drop", rule({meta("l4proto", R"("ipv6-icmp")"), accept})) == "host!");
}

BOOST_AUTO_TEST_CASE(a_rule_drops) {
  BOOST_TEST(barriers("forward", "accept", rule({reject})) == "from to");
  BOOST_TEST(barriers("forward", "accept", rule({meta("iifname", R"("pods0")"), drop})) == "from");
  BOOST_TEST(barriers("forward", "accept", rule({meta("iifname", R"("docker0")"), drop})) == "");
  BOOST_TEST(barriers("forward", "accept",
                      rule({meta("oifname", R"("pods0")"), accept}) + "\n" + rule({drop})) == "from");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_judged_is_not_blamed) {
  const std::string addresses =
      R"({"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"10.87.0.0"}})";
  BOOST_TEST(barriers("forward", "drop", rule({addresses, accept})) == "");
  BOOST_TEST(barriers("forward", "accept", rule({addresses, drop})) == "");
  BOOST_TEST(barriers("forward", "accept", rule({meta("iifname", R"("@zone")"), drop})) == "");
  BOOST_TEST(barriers("forward", "accept", rule({R"({"xt":{"type":"match","name":"addrtype"}})", drop})) ==
             "");
}

BOOST_AUTO_TEST_CASE(bridged_packets_may_be_asked_about) {
  BOOST_TEST(barriers("forward", "drop", "", "", true) == "from! to! among!");
  BOOST_TEST(barriers("forward", "drop", rule({meta("oifname", R"("pods0")"), accept}), "", true) == "from!");
}

BOOST_AUTO_TEST_CASE(jumps_are_followed) {
  const std::string jump = R"({"jump":{"target":"x"}})";
  BOOST_TEST(barriers("forward", "drop", rule({jump}), rule({meta("iifname", R"("pods0")"), accept})) ==
             "to!");
  BOOST_TEST(barriers("forward", "accept", rule({jump}), rule({drop})) == "from to");
  BOOST_TEST(barriers("forward", "accept", rule({jump}), rule({jump})) == "");
  const std::string map =
      R"({"vmap":{"key":{"meta":{"key":"iifname"}},"data":{"set":[["eth0",{"drop":null}],)"
      R"(["pods0",{"jump":{"target":"x"}}]]}}})";
  BOOST_TEST(barriers("forward", "accept", rule({map}), rule({drop})) == "from");
}

BOOST_AUTO_TEST_CASE(other_families_and_our_own_table_do_not_count) {
  for (const char* table :
       {R"("inet","table":"podsd")", R"("bridge","table":"t")", R"("netdev","table":"t")"}) {
    const std::string text = std::string(R"({"nftables":[{"chain":{"family":)") + table +
                             R"(,"name":"c","hook":"forward","policy":"drop"}}]})";
    BOOST_TEST(foreign_barriers(nlohmann::json::parse(text), "pods0", true).empty(), table);
  }
  BOOST_TEST(foreign_barriers(nlohmann::json::parse("[1, {}, null]"), "pods0", true).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::network

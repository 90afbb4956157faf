// SPDX-License-Identifier: Apache-2.0
// Chains of plugins that are shell scripts: each notes what it was called with.
#include <thread>

#include "agent/network/cni/folders.hpp"
#include "agent/network/cni/request.hpp"
#include "tests/agent/network/cni_host.hpp"

namespace podsd::network::cni {
namespace {

/// Whether a process is there and no zombie.
bool lives(const std::string& pid) {
  const auto stat = os::read_file("/proc/" + pid + "/stat");
  return stat && !stat->contains(") Z");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cni_operations)

BOOST_AUTO_TEST_CASE(a_chain_forward_and_back) {
  const Host host;
  for (const char* name : {"first", "second", "third"}) host.plugin(name);
  host.network("1.0.0", {"first", "second", "third"});
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.log() == "ADD first,ADD second,ADD third,");
  BOOST_TEST(!host.input("first.ADD").contains("prevResult"));
  BOOST_TEST(host.input("second.ADD").at("prevResult").at("by") == "first");
  BOOST_TEST(host.input("third.ADD").at("prevResult").at("by") == "second");
  BOOST_TEST(host.text("third.ADD.env") == "pods-a-web|" + (host.root / "netns").string() +
                                               "|eth0|IgnoreUnknown=1|" + (host.root / "bin").string() + ":" +
                                               (host.root / "more").string());
  BOOST_TEST(host.operations().check("pods-a:web").has_value());
  BOOST_TEST(host.log() == "CHECK first,CHECK second,CHECK third,");
  BOOST_TEST(host.input("first.CHECK").at("prevResult").at("by") == "third");
  BOOST_TEST(host.remove() == "");
  BOOST_TEST(host.log() == "DEL third,DEL second,DEL first,");
  for (const char* name : {"first.DEL", "third.DEL"})
    BOOST_TEST(host.input(name).at("prevResult").at("by") == "third");
  // The namespace is gone, or never was.
  BOOST_TEST(host.text("first.DEL.env").starts_with("pods-a-web||eth0|"));
  BOOST_TEST(!host.recorded());
  BOOST_TEST(host.remove() == "");
  BOOST_TEST(host.log() == "");
}

BOOST_AUTO_TEST_CASE(a_failure_at_each_place) {
  const std::vector<std::string> names{"first", "second", "third"};
  for (const std::string& bad : names) {
    const Host host;
    for (const std::string& name : names)
      host.plugin(name, name == bad
                            ? R"([ $CNI_COMMAND != ADD ] || { echo '{"code": 100, "msg": "no"}'; exit 1; })"
                            : "");
    host.network("1.0.0", names);
    BOOST_TEST(host.add() == "network net: plugin " + bad + ": ADD: no (code 100)");
    std::string added;
    for (const std::string& name : names) {
      added += "ADD " + name + ",";
      if (name == bad) break;
    }
    BOOST_TEST(host.log() == added);
    BOOST_TEST(host.remove() == "");
    BOOST_TEST(host.log() == "DEL third,DEL second,DEL first,");
    BOOST_TEST(!host.input("first.DEL").contains("prevResult"));
    BOOST_TEST(!host.recorded());
  }
}

BOOST_AUTO_TEST_CASE(a_del_that_fails_is_to_be_repeated) {
  const Host host;
  for (const char* name : {"first", "third"}) host.plugin(name);
  host.plugin("second", "[ $CNI_COMMAND != DEL ] || [ -e $log/good ] || { echo oops >&2; exit 2; }");
  host.network("1.0.0", {"first", "second", "third"});
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.log() != "");
  BOOST_TEST(host.remove() == "network net: plugin second: DEL: it ended with status 2: oops");
  BOOST_TEST(host.log() == "DEL third,DEL second,");
  BOOST_TEST(host.recorded());
  BOOST_TEST(host.add() ==
             "cannot remove what an earlier sandbox of the pod left: network net: plugin second: DEL: it "
             "ended with status 2: oops");
  host.file("good", "");
  // What runs by now is another configuration: the record has the old one.
  host.network("1.0.0", {"first"});
  BOOST_TEST(host.log() != "");
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.log() == "DEL third,DEL second,DEL first,ADD first,");
  BOOST_TEST(host.text("first.DEL.env").starts_with("pods-a-web||eth0|"));
}

BOOST_AUTO_TEST_CASE(an_unknown_container_needs_no_del) {
  const Host host;
  host.plugin("first", R"([ $CNI_COMMAND != DEL ] || { echo '{"code": 3, "msg": "unknown"}'; exit 1; })");
  host.network("1.0.0", {"first"});
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.remove() == "");
}

BOOST_AUTO_TEST_CASE(versions_are_negotiated) {
  const Host host;
  host.plugin("new");
  host.plugin(
      "old",
      R"([ $CNI_COMMAND != VERSION ] || { echo '{"supportedVersions": ["0.4.0", "1.0.0"]}'; exit 0; })");
  host.network("1.1.0", {"new", "old"});
  BOOST_TEST(host.add() == "network net: plugin old does not know CNI version 1.1.0, only 0.4.0, 1.0.0");
  BOOST_TEST(host.log() == "");
  BOOST_TEST(!host.recorded());
  host.network("1.1.0", {"new", "old"}, R"({"cniVersions": ["0.4.0", "1.0.0", "1.1.0"]})");
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.input("new.ADD").at("cniVersion") == "1.0.0");
  // Asked once, until the file changes.
  BOOST_TEST(!host.text("log").contains("VERSION"));
  host.plugin("old", "[ $CNI_COMMAND != VERSION ] || { echo no; exit 0; }");
  BOOST_TEST(host.add() == "network net: plugin old: VERSION: its answer to VERSION is no JSON: \"no\"");
}

BOOST_AUTO_TEST_CASE(status_and_gc_come_with_1_1) {
  const Host host;
  host.plugin(
      "first",
      R"([ $CNI_COMMAND != STATUS ] || [ ! -e $log/down ] || { echo '{"code": 50, "msg": "down"}'; exit 1; })");
  host.plugin(
      "second",
      R"(case $CNI_COMMAND in GC|STATUS) echo '{"code": 4, "msg": "unknown CNI_COMMAND: x"}'; exit 1; esac)");
  host.network("1.1.0", {"first", "second"});
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.log() == "STATUS first,STATUS second,ADD first,ADD second,");
  BOOST_TEST(host.operations().collect().has_value());
  BOOST_TEST(host.log() == "GC first,GC second,");
  BOOST_TEST(host.input("first.GC").at("cni.dev/valid-attachments") ==
             Json::parse(R"([{"containerID": "pods-a-web", "ifname": "eth0"}])"));
  BOOST_TEST(host.remove() == "");
  BOOST_TEST(host.log() == "DEL second,DEL first,");
  host.file("down", "");
  BOOST_TEST(host.add() == "network net: plugin first: STATUS: down (code 50)");
  BOOST_TEST(host.log() == "STATUS first,");
  BOOST_TEST(!host.recorded());
  host.network("1.1.0", {"first"}, R"({"disableGC": true})");
  BOOST_TEST(host.operations().collect().has_value());
  host.network("1.0.0", {"first"}, R"({"disableCheck": true})");
  BOOST_TEST(host.operations().collect().has_value());
  BOOST_TEST(host.add() == "10.1.0.2/24");
  BOOST_TEST(host.operations().check("pods-a:web").has_value());
  BOOST_TEST(host.log() == "ADD first,");
}

BOOST_AUTO_TEST_CASE(the_first_usable_network_is_taken) {
  const Host host;
  host.plugin("there");
  BOOST_TEST(!has_configs(host.settings.configs));
  BOOST_TEST(host.add() == "no CNI network is configured: " + (host.root / "net.d").string());
  host.file("net.d/05-broken.conf", "{");
  BOOST_TEST(has_configs(host.settings.configs));
  host.file("net.d/06-missing.json", R"({"cniVersion": "1.0.0", "name": "m", "type": "away"})");
  host.file("net.d/07-good.conf", R"({"cniVersion": "1.0.0", "name": "g", "type": "there"})");
  host.file("net.d/00-not-counted.yaml", "");
  const auto chosen = choose_network(host.settings.configs, host.settings.plugins).value();
  BOOST_TEST(chosen.file == "07-good.conf");
  BOOST_REQUIRE(chosen.skipped.size() == 2);
  BOOST_TEST(chosen.skipped[0].contains("05-broken.conf: parse error at line 1, column 2"));
  BOOST_TEST(chosen.skipped[1] == (host.root / "net.d/06-missing.json").string() +
                                      ": plugin away is not in " + (host.root / "bin").string() + ", " +
                                      (host.root / "more").string());
  BOOST_TEST(host.add() == "10.1.0.2/24");
  fs::remove(host.root / "bin/there");
  BOOST_TEST(host.add().contains("plugin there is not in"));
}

BOOST_AUTO_TEST_CASE(plugins_that_do_as_they_like) {
  const Host host;
  host.network("1.0.0", {"bad"});
  const auto with = [&](const std::string& body) {
    host.plugin("bad", "[ $CNI_COMMAND = ADD ] || exit 0\n" + body);
    // VERSION is answered by the body's file only; its answer is kept.
    host.file("bin/bad", host.text("bin/bad").replace(0, 10,
                                                      "#!/bin/sh\n[ $CNI_COMMAND != VERSION ] || { echo "
                                                      "'{\"supportedVersions\": [\"1.0.0\"]}'; exit 0; }\n"));
    return host.add();
  };
  BOOST_TEST(with("echo garbage; exit 0").contains("plugin bad: ADD: its result is no JSON"));
  BOOST_TEST(with("exit 0").contains("plugin bad: ADD: its result is no JSON"));
  BOOST_TEST(with("echo '{}'; exit 0") == "network net: the network's plugins gave no address for eth0");
  BOOST_TEST(with("kill -9 $$") == "network net: plugin bad: ADD: it was killed by signal 9");
  BOOST_TEST(with("head -c 2000000 /dev/zero; exit 0") ==
             "network net: plugin bad: ADD: it wrote more than 1 MiB and was killed");
  BOOST_TEST(with("head -c 2000000 /dev/zero >&2; exit 3")
                 .starts_with("network net: plugin bad: ADD: it ended with status 3"));
  // One that leaves a process behind, which holds its streams open.
  BOOST_TEST(with("sleep 1000 & echo $! >$log/left") == "10.1.0.2/24");
  std::string left = host.text("left");
  left.pop_back();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (lives(left) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  BOOST_TEST(!lives(left));
}

BOOST_AUTO_TEST_CASE(one_that_hangs) {
  Host host;
  host.plugin("hangs", "[ $CNI_COMMAND != ADD ] || { echo '{}'; sleep 1000; }");
  host.network("1.0.0", {"hangs"});
  host.settings.deadline = std::chrono::seconds(1);
  BOOST_TEST(host.add() == "network net: plugin hangs: ADD: it took longer than 1000 ms and was killed");
  BOOST_TEST(host.recorded());
  BOOST_TEST(host.remove() == "");
}

BOOST_AUTO_TEST_CASE(a_damaged_record_is_said) {
  const Host host;
  host.plugin("first");
  host.network("1.0.0", {"first"});
  BOOST_TEST(host.add() == "10.1.0.2/24");
  host.file("records/pods-a:web.json", "{}");
  BOOST_TEST(host.add().starts_with("the record of a pod's CNI network is damaged: "));
  BOOST_TEST(host.remove().starts_with("the record of a pod's CNI network is damaged: "));
}

BOOST_AUTO_TEST_CASE(requests_and_outcomes_are_read_as_written) {
  const Host host;
  Request request{policies::CniCommand::add, host.request(), host.settings};
  request.pod.runtime = {{"portMappings", Json::array()}};
  const Request read = request_from(to_text(request)).value();
  BOOST_TEST(read.pod.id == request.pod.id);
  BOOST_TEST(read.pod.netns == request.pod.netns);
  BOOST_TEST(read.pod.args == request.pod.args);
  BOOST_TEST(read.pod.runtime == request.pod.runtime);
  BOOST_TEST((read.settings.configs == request.settings.configs &&
              read.settings.plugins == request.settings.plugins &&
              read.settings.deadline == request.settings.deadline));
  BOOST_TEST(!request_from("{}").has_value());
  const Attachment attachment{"eth0", {*spec::parse_prefix("10.1.0.2/24")}, {*spec::parse_ip("fd00::1")}};
  BOOST_TEST((outcome_from(to_text(Result<Attachment>(attachment))).value() == attachment));
  BOOST_TEST(outcome_from(to_text(Result<Attachment>(fail("no", "x")))).error().message() == "no: x");
  BOOST_TEST(outcome_from("").error().message() == "podsd-cni gave no outcome");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::network::cni

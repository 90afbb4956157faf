// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/command_line.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

#include "tests/agent/cli/fake_agent.hpp"

using namespace podsd::cli;
using podsd::cli::test::FakeAgent;
using podsd::cli::test::Screen;

namespace {

struct Ran {
  int exit;
  std::string out, err;
};

Ran run(FakeAgent& agent, std::vector<const char*> words) {
  words.insert(words.begin(), "podsctl");
  Screen screen;
  const int exit = run_command_line(static_cast<int>(words.size()), words.data(),
                                    Context{screen.terminal, agent.connect()});
  return {exit, screen.out.str(), screen.err.str()};
}

Ran run(std::vector<const char*> words) {
  FakeAgent agent;
  return run(agent, std::move(words));
}

std::string write_file(const std::string& text) {
  const auto path =
      std::filesystem::temp_directory_path() / ("podsctl-test-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << text;
  return path;
}

}  // namespace

BOOST_AUTO_TEST_CASE(exec_hands_on_words_and_status) {
  FakeAgent agent;
  agent.exec_status = 42;
  BOOST_TEST(run(agent, {"exec", "web", "--", "ls", "-l", "--", "-c"}).exit == 42);
  BOOST_TEST(agent.calls.back() == "Exec default web  ls -l -- -c");
  BOOST_TEST(run(agent, {"exec", "-i", "pod/web", "-c", "nginx", "-n", "team-a", "--", "cat"}).exit == 42);
  BOOST_TEST(agent.calls.back() == "Exec team-a web nginx cat");
  BOOST_TEST(run(agent, {"exec", "-t", "web", "--", "true"}).exit == 1);
  BOOST_TEST(agent.calls.back() == "Exec default web  true (terminal)");
  BOOST_TEST(run(agent, {"exec", "web"}).exit == 2);
  agent.exec_status = -1;
  BOOST_TEST(run(agent, {"exec", "web", "--", "true"}).err ==
             "podsctl: the pod ended before the command's exit status was known\n");
  agent.act_error = "org.podsd1.Error.NoSuchContainer";
  const auto ran = run(agent, {"exec", "web", "-c", "none", "--", "true"});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err == "podsctl: pod \"web\" has no container \"none\"\n");
}

BOOST_AUTO_TEST_CASE(attach_says_what_is_missing_and_hands_on_the_status) {
  FakeAgent agent;
  agent.exec_status = 42;
  auto ran = run(agent, {"attach", "pod/web", "-c", "nginx", "-n", "team-a"});
  BOOST_TEST(ran.exit == 42);
  BOOST_TEST(ran.err == "");
  BOOST_TEST(agent.calls.back() == "Attach team-a web nginx");
  agent.attached.input = false;
  ran = run(agent, {"attach", "-it", "web"});
  BOOST_TEST(ran.exit == 42);
  BOOST_TEST(ran.err ==
             "podsctl: container \"c\" has no standard input (stdin: true)\n"
             "podsctl: container \"c\" has no terminal (tty: true)\n");
  BOOST_TEST(agent.calls.back() == "Attach default web  (input)");
  BOOST_TEST(run(agent, {"attach"}).exit == 2);
  agent.exec_status = -1;
  BOOST_TEST(run(agent, {"attach", "web"}).err ==
             "podsctl: the pod ended before the container's exit status was known\n");
  agent.act_error = "org.podsd1.Error.NoSuchContainer";
  BOOST_TEST(run(agent, {"attach", "web", "-c", "none"}).err ==
             "podsctl: pod \"web\" has no container \"none\"\n");
}

BOOST_AUTO_TEST_CASE(wrong_lines_are_usage_errors) {
  const std::vector<std::vector<const char*>> lines{
      {},
      {"frobnicate"},
      {"get"},
      {"get", "nodes"},
      {"get", "pods", "-o", "xml"},
      {"get", "pods", "--bogus"},
      {"get", "pods", "web", "-A"},
      {"logs"},
      {"logs", "web", "--since", "soon"},
      {"logs", "web", "--tail", "many"},
      {"stop"},
      {"stop", "a", "b", "c"},
      {"validate"},
      {"plan"},
      {"image"},
      {"image", "import"},
      {"image", "pull"},
      {"image", "remove"},
  };
  for (const auto& line : lines) {
    std::string all;
    for (const char* word : line) all += std::string(" ") + word;
    BOOST_TEST_CONTEXT(all) {
      const Ran ran = run(line);
      BOOST_CHECK_EQUAL(ran.exit, Exit::usage);
      BOOST_CHECK_EQUAL(ran.out, "");
      BOOST_CHECK(ran.err.starts_with("podsctl: "));
    }
  }
}

BOOST_AUTO_TEST_CASE(wrong_lines_are_explained) {
  BOOST_CHECK_EQUAL(run({}).err, "podsctl: a command is required (see: podsctl --help)\n");
  BOOST_CHECK_EQUAL(run({"frob", "x"}).err, "podsctl: unknown command \"frob\" (see: podsctl --help)\n");
  BOOST_CHECK_EQUAL(
      run({"get", "nodes"}).err,
      "podsctl: unknown kind of resource \"nodes\": only pods are known (see: podsctl get --help)\n");
  BOOST_CHECK(run({"image", "import"}).err.ends_with(" (see: podsctl image import --help)\n"));
}

BOOST_AUTO_TEST_CASE(help_and_version_go_to_the_output) {
  for (const auto& line : std::vector<std::vector<const char*>>{
           {"--help"}, {"-h"}, {"get", "--help"}, {"image", "import", "--help"}, {"logs", "-h"}}) {
    const Ran ran = run(line);
    BOOST_CHECK_EQUAL(ran.exit, Exit::done);
    BOOST_CHECK(ran.out.find("podsctl") != std::string::npos);
    BOOST_CHECK_EQUAL(ran.err, "");
  }
  BOOST_CHECK(run({"--version"}).out.starts_with("podsctl "));
}

BOOST_AUTO_TEST_CASE(names_of_pods_in_every_spelling) {
  for (const auto& line : std::vector<std::vector<const char*>>{{"get", "pods", "web"},
                                                                {"get", "pod", "web"},
                                                                {"get", "po", "web"},
                                                                {"get", "pod/web"},
                                                                {"get", "-n", "default", "pods", "web"}}) {
    FakeAgent agent;
    run(agent, line);
    BOOST_REQUIRE_EQUAL(agent.calls.size(), 1);
    BOOST_CHECK_EQUAL(agent.calls[0], "GetPod default web");
  }
}

BOOST_AUTO_TEST_CASE(verbs_reach_the_agent) {
  const struct {
    std::vector<const char*> line;
    const char* call;
    const char* out;
  } cases[] = {
      {{"start", "web"}, "StartPod default web ", "pod/web started\n"},
      {{"stop", "web", "nginx"}, "StopPod default web nginx", "pod/web container nginx stopped\n"},
      {{"stop", "-n", "team-a", "pod/web"}, "StopPod team-a web ", "pod/web stopped\n"},
      {{"restart", "web", "-c", "nginx"},
       "RestartPod default web nginx",
       "pod/web container nginx restarted\n"},
  };
  for (const auto& c : cases) {
    FakeAgent agent;
    const Ran ran = run(agent, c.line);
    BOOST_CHECK_EQUAL(ran.exit, Exit::done);
    BOOST_CHECK_EQUAL(ran.out, c.out);
    BOOST_REQUIRE_EQUAL(agent.calls.size(), 1);
    BOOST_CHECK_EQUAL(agent.calls[0], c.call);
  }
}

BOOST_AUTO_TEST_CASE(verbs_that_fail_say_why) {
  const struct {
    const char* error;
    const char* text;
  } cases[] = {
      {"org.podsd1.Error.NoSuchPod", "podsctl: pods \"web\" not found\n"},
      {"org.podsd1.Error.NoSuchContainer", "podsctl: pod \"web\" has no container \"c\"\n"},
      {"org.freedesktop.DBus.Error.AccessDenied", "podsctl: permission denied: run it as root\n"},
      {"org.podsd1.Error.Failed", "podsctl: it failed\n"},
  };
  for (const auto& c : cases) {
    FakeAgent agent;
    agent.act_error = c.error;
    const Ran ran = run(agent, {"stop", "web", "c"});
    BOOST_CHECK_EQUAL(ran.exit, Exit::failed);
    BOOST_CHECK_EQUAL(ran.err, c.text);
    BOOST_CHECK_EQUAL(ran.out, "");
  }
}

BOOST_AUTO_TEST_CASE(a_good_manifest_is_ok) {
  const std::string file = write_file(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: "
      "localhost/i:1}]}\n"
      "---\n"
      "apiVersion: v1\nkind: Pod\nmetadata: {name: b, namespace: n}\nspec: {containers: [{name: c, image: "
      "localhost/i:1}]}\n");
  const Ran ran = run({"validate", file.c_str()});
  BOOST_CHECK_EQUAL(ran.exit, Exit::done);
  BOOST_CHECK_EQUAL(ran.out, file + ": ok, pods: a, n/b\n");
  BOOST_CHECK_EQUAL(ran.err, "");
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(a_bad_manifest_is_told_with_its_place) {
  const std::string file =
      write_file("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {contaners: []}\n");
  const Ran ran = run({"validate", file.c_str(), "/nonexistent/x.yaml"});
  BOOST_CHECK_EQUAL(ran.exit, Exit::failed);
  BOOST_CHECK_EQUAL(ran.out, "");
  BOOST_CHECK(ran.err.starts_with(file + ":4:"));
  BOOST_CHECK(ran.err.find("podsctl: cannot read: /nonexistent/x.yaml: No such file or directory\n") !=
              std::string::npos);
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(a_manifest_beyond_one_mebibyte_is_refused) {
  const std::string file = write_file(std::string((1 << 20) + 1, '#'));
  const Ran ran = run({"validate", file.c_str()});
  BOOST_CHECK_EQUAL(ran.exit, Exit::failed);
  BOOST_CHECK(ran.err.find("1 MiB") != std::string::npos);
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(the_plan_names_every_unit) {
  const std::string file = write_file(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a-b}\n"
      "spec: {containers: [{name: c, image: localhost/i:1, resources: {limits: {memory: 64Mi}}}]}\n");
  const std::string store = file + ".store";
  const Ran ran = run({"plan", "--store", store.c_str(), file.c_str()});
  for (const char* part :
       {"[pods-a_b.slice]\n", "[pods-a_b.scope]\n", "[pods-a_b-c.scope]\n", "MemoryMax=67108864\n"}) {
    BOOST_CHECK_MESSAGE(ran.out.find(part) != std::string::npos, part << " is missing in:\n" << ran.out);
  }
  std::filesystem::remove_all(store);
  std::filesystem::remove(file);
}

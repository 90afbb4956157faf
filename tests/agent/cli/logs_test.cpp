// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/logs.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <filesystem>

#include "agent/kube/text.hpp"
#include "tests/agent/cli/fake_agent.hpp"

using namespace podsd::cli;
using podsd::cli::test::FakeAgent;
using podsd::cli::test::Screen;

namespace {

namespace fs = std::filesystem;

constexpr const char* converter = "/lib/systemd/systemd-journal-remote";
constexpr std::int64_t noon = 1'714'564'800'000'000;
constexpr std::int64_t second = 1'000'000;
const std::string first_run(32, '1');
const std::string second_run(32, '2');

boost::test_tools::assertion_result has_converter(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(fs::exists(converter));
  result.message() << "journal fixtures need " << converter << " (package systemd-journal-remote)";
  return result;
}

struct Entry {
  std::int64_t at;  ///< microseconds after noon
  std::string invocation;
  std::string message;
  std::string more = {};  ///< further fields
  std::string unit = "pods-web-c.scope";
  std::string transport = "stdout";
};

std::string exported(const Entry& entry) {
  return "__REALTIME_TIMESTAMP=" + std::to_string(noon + entry.at) +
         "\n__MONOTONIC_TIMESTAMP=" + std::to_string(1'000'000'000 + entry.at) +
         "\n_BOOT_ID=" + std::string(32, 'b') + "\n_SYSTEMD_UNIT=" + entry.unit +
         "\n_TRANSPORT=" + entry.transport + "\n" +
         (entry.invocation.empty() ? "" : "_SYSTEMD_INVOCATION_ID=" + entry.invocation + "\n") + entry.more +
         "MESSAGE=" + entry.message + "\n\n";
}

/// A folder with a journal and a folder of live units, both gone at the end.
class Machine {
 public:
  explicit Machine(const std::vector<Entry>& entries) {
    std::string name = (fs::temp_directory_path() / "podsctl-logs-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    fs::create_directories(root_ / "units");
    fs::create_directories(root_ / "journal");
    append("first", entries);
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { fs::remove_all(root_); }

  void append(const std::string& file, const std::vector<Entry>& entries) const {
    const std::string command = std::string(converter) + " -o " +
                                (root_ / "journal" / (file + ".journal")).string() + " - 2>/dev/null >&2";
    FILE* pipe = ::popen(command.c_str(), "w");
    BOOST_REQUIRE(pipe != nullptr);
    for (const Entry& entry : entries) {
      const std::string text = exported(entry);
      BOOST_REQUIRE_EQUAL(std::fwrite(text.data(), 1, text.size(), pipe), text.size());
    }
    BOOST_REQUIRE_EQUAL(::pclose(pipe), 0);
  }

  void live(const std::string& unit, const std::string& invocation) const {
    fs::create_symlink(invocation, root_ / "units" / ("invocation:" + unit));
  }

  [[nodiscard]] LogsOptions options() const {
    LogsOptions options;
    options.pod = "web";
    options.journal = root_ / "journal";
    options.units_dir = root_ / "units";
    return options;
  }

 private:
  fs::path root_;
};

std::vector<Entry> two_runs() {
  return {{0, first_run, "one"},
          {second, first_run, "two"},
          // Received by journald after the second run began.
          {2 * second, second_run, "three"},
          {2 * second + 1, first_run, "late"},
          {3 * second, second_run, "four"},
          {3 * second + 1, second_run, "not a stream", "", "pods-web-c.scope", "journal"},
          {3 * second + 2, "", "another unit", "", "pods-web-cc.scope"}};
}

std::string at(std::int64_t seconds) {
  return "\"" + podsd::kube::time_text(noon + seconds * second) + "\"";
}

std::string ended(std::int64_t from, std::int64_t to) {
  return R"({"terminated":{"exitCode":1,"startedAt":)" + at(from) + R"(,"finishedAt":)" + at(to) + "}}";
}

std::string running(std::int64_t from) {
  return R"({"running":{"startedAt":)" + at(from) + "}}";
}

FakeAgent agent_with(const std::string& state, const std::string& last,
                     const std::string& phase = "Running") {
  FakeAgent agent;
  agent.pods["default/web"] =
      R"({"metadata":{"name":"web","namespace":"default"},"spec":{"containers":[{"name":"c"}]},"status":{"phase":")" +
      phase + R"(","containerStatuses":[{"name":"c","unit":"pods-web-c.scope","state":)" + state +
      R"(,"lastState":)" + last + "}]}}";
  return agent;
}

std::string out_of(const LogsOptions& options, FakeAgent agent) {
  Screen screen;
  BOOST_CHECK_EQUAL(logs(options, agent.connect(), screen.terminal, noon + 10 * second), Exit::done);
  BOOST_CHECK_EQUAL(screen.err.str(), "");
  return screen.out.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(logs_from_the_journal, *boost::unit_test::precondition(has_converter))

BOOST_AUTO_TEST_CASE(the_run_under_way) {
  const Machine machine(two_runs());
  machine.live("pods-web-c.scope", second_run);
  BOOST_CHECK_EQUAL(out_of(machine.options(), agent_with(running(2), ended(0, 1))), "three\nfour\n");
}

BOOST_AUTO_TEST_CASE(the_previous_run_with_its_late_line) {
  const Machine machine(two_runs());
  machine.live("pods-web-c.scope", second_run);
  LogsOptions options = machine.options();
  options.previous = true;
  BOOST_CHECK_EQUAL(out_of(options, agent_with(running(2), ended(0, 1))), "one\ntwo\nlate\n");
}

BOOST_AUTO_TEST_CASE(a_run_that_ended) {
  const Machine machine(two_runs());
  const std::string wait = R"({"waiting":{"reason":"CrashLoopBackOff"}})";
  BOOST_CHECK_EQUAL(out_of(machine.options(), agent_with(wait, ended(2, 3))), "three\nfour\n");
}

BOOST_AUTO_TEST_CASE(a_run_that_left_no_line) {
  const Machine machine(two_runs());
  BOOST_CHECK_EQUAL(out_of(machine.options(), agent_with(ended(8, 9), ended(2, 3))), "");
  machine.live("pods-web-c.scope", std::string(32, '3'));
  BOOST_CHECK_EQUAL(out_of(machine.options(), agent_with(running(8), ended(2, 3))), "");
}

BOOST_AUTO_TEST_CASE(lines_without_invocation_ids_are_told_apart_by_time) {
  const Machine machine({{0, "", "one"}, {5 * second, "", "two"}});
  BOOST_CHECK_EQUAL(out_of(machine.options(), agent_with(running(4), ended(0, 1))), "two\n");
}

BOOST_AUTO_TEST_CASE(the_last_lines) {
  const Machine machine(two_runs());
  machine.live("pods-web-c.scope", second_run);
  const struct {
    std::uint64_t tail;
    const char* text;
  } cases[] = {{0, ""}, {1, "four\n"}, {2, "three\nfour\n"}, {9, "three\nfour\n"}};
  for (const auto& c : cases) {
    LogsOptions options = machine.options();
    options.tail = c.tail;
    BOOST_CHECK_EQUAL(out_of(options, agent_with(running(2), ended(0, 1))), c.text);
  }
}

BOOST_AUTO_TEST_CASE(newer_lines_with_their_times) {
  const Machine machine(two_runs());
  machine.live("pods-web-c.scope", second_run);
  LogsOptions options = machine.options();
  options.since = 7 * second;
  options.timestamps = true;
  BOOST_CHECK_EQUAL(out_of(options, agent_with(running(2), ended(0, 1))),
                    "2024-05-01T12:00:03.000000Z four\n");
}

BOOST_AUTO_TEST_CASE(long_lines_come_whole) {
  const std::string part(48 * 1024, 'x');
  const Machine machine({{0, first_run, part, "_LINE_BREAK=line-max\n_STREAM_ID=s\n"},
                         {1, first_run, "end", "_STREAM_ID=s\n"}});
  machine.live("pods-web-c.scope", first_run);
  BOOST_CHECK_EQUAL(out_of(machine.options(), agent_with(running(0), "{}")), part + "end\n");
  LogsOptions last = machine.options();
  last.tail = 1;
  BOOST_CHECK_EQUAL(out_of(last, agent_with(running(0), "{}")), part + "end\n");
}

BOOST_AUTO_TEST_CASE(following_ends_with_the_pod) {
  const Machine machine(two_runs());
  machine.live("pods-web-c.scope", second_run);
  FakeAgent agent = agent_with(running(2), ended(0, 1));
  // The container's scope and the pod go between the first question and the second; new lines come before.
  int questions = 0;
  const Connect connect = [&] {
    if (++questions == 2) agent.pods.clear();
    if (questions == 1) {
      machine.append("second", {{4 * second, std::string(32, '3'), "five"}});
      std::filesystem::remove(machine.options().units_dir + "/invocation:pods-web-c.scope");
    }
    return agent.connect()();
  };
  LogsOptions options = machine.options();
  options.follow = true;
  Screen screen;
  BOOST_CHECK_EQUAL(logs(options, connect, screen.terminal, noon + 10 * second), Exit::done);
  BOOST_CHECK_EQUAL(questions, 2);
  BOOST_CHECK(screen.out.str().ends_with("four\nfive\n"));
}

BOOST_AUTO_TEST_CASE(a_pod_that_is_over_is_not_followed) {
  const Machine machine(two_runs());
  LogsOptions options = machine.options();
  options.follow = true;
  BOOST_CHECK_EQUAL(out_of(options, agent_with(ended(2, 3), "{}", "Failed")), "three\nfour\n");
}

BOOST_AUTO_TEST_CASE(without_the_agent_everything_is_shown) {
  const Machine machine(two_runs());
  FakeAgent agent;
  agent.connect_error = "org.freedesktop.DBus.Error.ServiceUnknown";
  LogsOptions options = machine.options();
  options.container = "c";
  Screen screen;
  BOOST_CHECK_EQUAL(logs(options, agent.connect(), screen.terminal, noon + 10 * second), Exit::done);
  BOOST_CHECK_EQUAL(screen.out.str(), "one\ntwo\nthree\nlate\nfour\n");
  BOOST_CHECK(screen.err.str().find("podsd is not running") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_the_agent_the_journal_knows_the_containers) {
  const Machine machine(two_runs());
  FakeAgent agent;
  agent.connect_error = "org.freedesktop.DBus.Error.ServiceUnknown";
  Screen screen;
  BOOST_CHECK_EQUAL(logs(machine.options(), agent.connect(), screen.terminal, noon), Exit::failed);
  BOOST_CHECK(screen.err.str().ends_with(
      "podsctl: podsd is not running: choose a container of pod \"web\" with -c: c, cc\n"));
}

BOOST_AUTO_TEST_CASE(a_pod_that_does_not_exist) {
  const Machine machine(two_runs());
  FakeAgent agent;
  Screen screen;
  BOOST_CHECK_EQUAL(logs(machine.options(), agent.connect(), screen.terminal, noon), Exit::failed);
  BOOST_CHECK_EQUAL(screen.err.str(), "podsctl: pods \"web\" not found\n");
}

BOOST_AUTO_TEST_SUITE_END()

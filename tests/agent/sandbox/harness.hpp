// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/sandbox/client.hpp"

namespace podsd::sandbox {

/// A test that starts sandboxes needs root and the program (PODSD_SANDBOX).
boost::test_tools::assertion_result can_run(boost::unit_test::test_unit_id);

/// One child of the sandbox, with what it writes to stdout and stderr.
struct Running {
  Started started;
  UniqueFd output;

  void open() { BOOST_REQUIRE(open_gate(started.gate)); }
  /// Everything up to end of file; fails the test after ten seconds.
  std::string read_all();
  /// The same of one line.
  std::string read_line();
};

/// A sandbox of its own for one test, its gate open; it is killed at the end.
struct Sandbox {
  explicit Sandbox(SandboxOptions options = {});
  ~Sandbox();

  void connect();
  void disconnect() { client.reset(); }
  /// Runs the loop until `condition` holds; fails the test after ten seconds.
  void wait_until(const std::function<bool()>& condition);
  std::optional<Exit> find_exit(int pid) const;
  Exit wait_exit(int pid);
  Running spawn(std::vector<std::string> argv, const std::string& rootfs = "",
                const std::string& overlay = "");
  /// The same without waiting for the gate: the script has it as fd 3.
  Running spawn_early(const std::string& script);
  Running shell(const std::string& script) { return spawn({"/bin/sh", "-c", script}); }

  Running await(SpawnRequest request);

  std::filesystem::path dir;
  Started process;
  boost::asio::io_context io;
  std::unique_ptr<Client> client;
  std::vector<Exit> exits;
  std::optional<std::string> closed;
};

/// Waits until the process is dead, without reaping it.
void await_death(const UniqueFd& pidfd);

/// The whole of a file, /proc included.
std::string slurp(const std::string& path);

}  // namespace podsd::sandbox

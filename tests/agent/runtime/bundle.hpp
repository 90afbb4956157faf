// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace podsd::runtime {

/// Starting containers needs root, the program (PODSD_RUNTIME) and a static busybox for their root.
boost::test_tools::assertion_result can_run(boost::unit_test::test_unit_id);

/// What came of one run of podsd-runtime.
struct Outcome {
  int status = -1;     ///< its exit status; 128 + n for a signal
  std::string output;  ///< stdout and stderr of the container
  std::string log;     ///< the file given as --log
  /// The "msg" of the log's only line.
  [[nodiscard]] std::string message() const;
};

/// A bundle in a folder of its own: a root of busybox and a config that can be edited before run().
class Bundle {
 public:
  Bundle();
  ~Bundle();
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  /// Runs `script` by the container's /bin/sh and waits for it.
  Outcome shell(const std::string& script);
  /// Runs the config as it is, with more words behind "run".
  Outcome run(const std::vector<std::string>& more = {});
  /// Any command: the words stand behind the global options.
  Outcome command(const std::vector<std::string>& words);
  /// The "status" of the container "test", or what went wrong.
  std::string status();
  void write_config() const;
  void add_mount(const std::string& destination, const std::string& type, const std::string& source,
                 const std::vector<std::string>& options);

  std::filesystem::path dir, root;
  nlohmann::json config;
};

/// A config that the parser takes, for tests that run nothing.
nlohmann::json minimal_config();

std::string slurp(const std::filesystem::path& path);
void spill(const std::filesystem::path& path, const std::string& text);

}  // namespace podsd::runtime

// SPDX-License-Identifier: Apache-2.0
// Every failure: exit status 1, one line in the log, nothing left.
#include <sys/stat.h>

#include "bundle.hpp"

using namespace podsd::runtime;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

namespace {

std::string message_of(Bundle& bundle, const std::vector<std::string>& more = {}) {
  fs::remove(bundle.dir / "log");
  auto outcome = bundle.run(more);
  BOOST_TEST(outcome.status == 1);
  BOOST_TEST(outcome.output == "");
  return outcome.message();
}

std::string message_of(const std::string& program) {
  Bundle bundle;
  spill(bundle.root / "plain", "text");
  spill(bundle.root / "bin/noexec", "text");
  spill(bundle.root / "format", "no format");
  spill(bundle.root / "script", "#!/no/interpreter\n");
  for (const char* file : {"format", "script"}) chmod((bundle.root / file).c_str(), 0755);
  bundle.config["process"]["args"] = {program};
  return message_of(bundle);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(failures, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(programs_that_cannot_be_executed) {
  BOOST_TEST(message_of("foo") == "exec: \"foo\": executable file not found in $PATH");
  BOOST_TEST(message_of("/foo") == "exec: \"/foo\": stat /foo: no such file or directory");
  BOOST_TEST(message_of("/plain") == "exec: \"/plain\": permission denied");
  BOOST_TEST(message_of("noexec") == "exec: \"noexec\": permission denied");
  BOOST_TEST(message_of("/bin") == "exec: \"/bin\": is a directory");
  BOOST_TEST(message_of("/format") == "exec /format: exec format error");
  BOOST_TEST(message_of("/script") == "exec /script: no such file or directory");
  BOOST_TEST(message_of("") == "exec: \"\": executable file not found in $PATH");
}

BOOST_AUTO_TEST_CASE(bundles_that_cannot_be_read) {
  Bundle bundle;
  fs::remove_all(bundle.root);
  BOOST_TEST(message_of(bundle) == "cannot open the container's root: rootfs: No such file or directory");
  BOOST_TEST(message_of(bundle, {"--bundle", "/nowhere"}) ==
             "cannot open: /nowhere/config.json: No such file or directory");
  bundle.config["process"]["terminal"] = true;
  bundle.config["process"]["consoleSize"] = {{"height", 70000}, {"width", 80}};
  BOOST_TEST(message_of(bundle).starts_with("config.json: process.consoleSize.height "));
}

BOOST_AUTO_TEST_CASE(mounts_that_fail_name_both_ends) {
  Bundle bundle;
  bundle.add_mount("/x", "bind", "/no/such/source", {"bind"});
  BOOST_TEST(message_of(bundle) ==
             "mount /no/such/source on: /x: cannot copy a mount: /no/such/source: No such file or directory");
  bundle.config["mounts"].back() = {{"destination", "/x"}, {"type", "nofs"}, {"source", "s"}};
  BOOST_TEST(message_of(bundle) == "mount nofs on: /x: cannot mount: No such device");
}

BOOST_AUTO_TEST_CASE(working_directory_that_is_a_file) {
  Bundle bundle;
  spill(bundle.root / "file", "x");
  bundle.config["process"]["cwd"] = "/file";
  BOOST_TEST(message_of(bundle) == "cannot enter the working directory: /file: Not a directory");
}

BOOST_AUTO_TEST_CASE(working_directory_through_a_stray_descriptor) {
  Bundle bundle;
  fs::create_symlink("/proc/self/fd/3", bundle.root / "escape");
  bundle.config["process"]["cwd"] = "/escape";
  auto message = message_of(bundle);
  BOOST_TEST(message.find("/escape") != std::string::npos, message);
}

BOOST_AUTO_TEST_CASE(namespaces_that_cannot_be_entered) {
  Bundle bundle;
  bundle.config["linux"]["namespaces"].push_back({{"type", "network"}, {"path", "/proc/self/ns/uts"}});
  BOOST_TEST(message_of(bundle) == "cannot enter a namespace: /proc/self/ns/uts: Invalid argument");
}

BOOST_AUTO_TEST_CASE(without_a_log_the_error_goes_to_stderr) {
  std::string command = std::string(std::getenv("PODSD_RUNTIME")) + " run --bundle /nowhere x 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  char line[256] = {};
  BOOST_TEST(fgets(line, sizeof line, pipe) != nullptr);
  BOOST_TEST(WEXITSTATUS(pclose(pipe)) == 1);
  BOOST_TEST(std::string(line).find(
                 "level=error msg=\"cannot open: /nowhere/config.json: No such file or directory\"") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

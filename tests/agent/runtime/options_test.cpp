// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/options.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "agent/runtime/log.hpp"

using namespace podsd::runtime;

namespace {

std::string error_of(std::vector<const char*> words) {
  Options options;
  auto parsed = parse_options(words, options);
  return parsed ? "" : parsed.error().message();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(all_of_run) {
  Options options;
  std::vector<const char*> words = {"--root",     "/r",
                                    "--log=/l",   "--log-format",
                                    "json",       "--systemd-cgroup",
                                    "--debug",    "--criu",
                                    "/c",         "--rootless=false",
                                    "run",        "--pidfd-socket",
                                    "/s",         "--no-subreaper",
                                    "-d",         "--bundle",
                                    "/b",         "--pid-file=/p",
                                    "--no-pivot", "--preserve-fds",
                                    "2",          "my-id_1.0+x"};
  BOOST_REQUIRE(parse_options(words, options));
  BOOST_TEST(options.log == "/l");
  BOOST_TEST(options.log_json);
  BOOST_TEST(options.detach);
  BOOST_TEST(options.systemd_cgroup);
  BOOST_TEST(options.pidfd_socket == "/s");
  BOOST_TEST(options.bundle == "/b");
  BOOST_TEST(options.pid_file == "/p");
  BOOST_TEST(options.no_pivot);
  BOOST_TEST(options.preserve_fds == 2);
  BOOST_TEST(options.id == "my-id_1.0+x");
}

BOOST_AUTO_TEST_CASE(errors) {
  BOOST_TEST(error_of({"checkpoint", "x"}) == "command checkpoint is not supported yet");
  BOOST_TEST(error_of({"bogus"}) == "unknown command: bogus");
  BOOST_TEST(error_of({}) == "a command is missing: see podsd-runtime --help");
  BOOST_TEST(error_of({"run"}) == "run needs the container's id");
  BOOST_TEST(error_of({"run", "a", "b"}) == "run takes no more words: b");
  BOOST_TEST(error_of({"run", "../x"}) == "an id is made of letters, digits and _+-.: ../x");
  BOOST_TEST(error_of({"run", ".."}) != "");
  BOOST_TEST(error_of({"run", "--bundle"}) == "an option lacks its value: --bundle");
  BOOST_TEST(error_of({"run", "--detach=yes", "x"}) == "an option that takes no value: --detach");
  BOOST_TEST(error_of({"run", "--preserve-fds", "x", "y"}).starts_with("--preserve-fds must be a number"));
  BOOST_TEST(error_of({"--log-format", "xml", "run", "x"}) == "a log format must be text or json: xml");
  BOOST_TEST(error_of({"--rootless", "maybe", "list"}) == "--rootless must be true, false or auto: maybe");
  BOOST_TEST(error_of({"create", "--detach", "x"}) == "unknown option of create: --detach");
  BOOST_TEST(error_of({"spec", "x"}) == "spec takes no more words: x");
  BOOST_TEST(error_of({"--bogus"}) == "unknown option: --bogus");
}

BOOST_AUTO_TEST_CASE(log_lines) {
  BOOST_TEST(log_line("a \"b\"\n", 0, true) ==
             R"({"level":"error","msg":"a \"b\"\n","time":"1970-01-01T00:00:00Z"})"
             "\n");
  BOOST_TEST(log_line("a", 0, false) == "time=\"1970-01-01T00:00:00Z\" level=error msg=\"a\"\n");
  BOOST_TEST(log_line("\xff", 0, true).find("\xff") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

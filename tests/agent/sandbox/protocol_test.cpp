// SPDX-License-Identifier: Apache-2.0
// What a broken or hostile peer may send: it ends the connection, never the sandbox.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "agent/sandbox/address.hpp"
#include "agent/sandbox/wire.hpp"
#include "harness.hpp"

using namespace podsd;
using namespace podsd::sandbox;
namespace utf = boost::unit_test;

namespace {

std::string packet(std::uint32_t type, const std::string& payload, int wrong_by = 0) {
  std::uint32_t words[2] = {type, static_cast<std::uint32_t>(static_cast<int>(payload.size()) + wrong_by)};
  return std::string(reinterpret_cast<const char*>(words), sizeof words) + payload;
}

// Sends it over a connection of its own, with `fds` descriptors, and tells whether the sandbox hangs up.
bool is_refused(Sandbox& sandbox, const std::string& bytes, int fds) {
  auto address = socket_address(sandbox.dir);
  BOOST_REQUIRE(address);
  UniqueFd raw(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  BOOST_REQUIRE_EQUAL(connect(raw.get(), reinterpret_cast<sockaddr*>(&address->name), sizeof address->name),
                      0);
  std::vector<int> extra(static_cast<std::size_t>(fds), 2);
  BOOST_REQUIRE(write_packet(raw.get(), bytes, extra));
  for (;;) {
    pollfd ready = {raw.get(), POLLIN, 0};
    if (poll(&ready, 1, 10'000) != 1) return false;
    Packet answer;
    auto read = read_packet(raw.get(), answer);
    if (!read || *read == Io::closed) return true;
    if (answer.header.type != Type::hello) return false;
  }
}

std::string spawn_payload(std::uint32_t argc, std::uint32_t envc, const std::string& strings) {
  Spawn spawn{1, argc, envc};
  return std::string(reinterpret_cast<const char*>(&spawn), sizeof spawn) + strings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(protocol, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(malformed_packets_end_the_connection_only) {
  using namespace std::string_literals;
  Sandbox sandbox;
  auto spawn = static_cast<std::uint32_t>(Type::spawn), ack = static_cast<std::uint32_t>(Type::ack);
  BOOST_TEST(is_refused(sandbox, "abc", 0));
  BOOST_TEST(is_refused(sandbox, packet(99, ""), 0));
  BOOST_TEST(is_refused(sandbox, packet(ack, "12345678", 1), 0));
  BOOST_TEST(is_refused(sandbox, packet(ack, "1234"), 0));
  BOOST_TEST(is_refused(sandbox, packet(ack, "12345678"), 1));
  BOOST_TEST(is_refused(sandbox, packet(spawn, "short"), 4));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(1, 0, "\0\0/bin/true\0"s)), 3));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(0, 0, "\0\0"s)), 4));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(2, 0, "\0\0/bin/true\0"s)), 4));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(1, 0, "\0\0/bin/true\0more\0"s)), 4));
  BOOST_TEST(
      is_refused(sandbox, packet(spawn, spawn_payload(1, 0, "\0\0/bin/true\0/dir\0options\0more\0"s)), 4));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(1, 0, "\0\0/bin/true"s)), 4));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(1, ~0U, "\0\0/bin/true\0"s)), 4));
  BOOST_TEST(is_refused(sandbox, packet(spawn, spawn_payload(~0U, 2, "\0\0/bin/true\0"s)), 4));
  const auto watch = static_cast<std::uint32_t>(Type::watch);
  BOOST_TEST(is_refused(sandbox, packet(watch, "1234567812345678"), 0));
  BOOST_TEST(is_refused(sandbox, packet(watch, "1234567812345678"), 2));
  BOOST_TEST(is_refused(sandbox, packet(watch, "12345678"), 1));
  BOOST_TEST(is_refused(sandbox, packet(watch, std::string(16, '\0')), 1));
  const auto held = static_cast<std::uint32_t>(Type::spawn_held);
  const std::string hold(sizeof(Hold), '\0'), long_name(sizeof(Hold), 'x');
  BOOST_TEST(is_refused(sandbox, packet(held, hold), 4));
  BOOST_TEST(is_refused(sandbox, packet(held, hold + spawn_payload(1, 0, "\0\0/bin/true\0"s)), 3));
  BOOST_TEST(is_refused(sandbox, packet(held, long_name + spawn_payload(1, 0, "\0\0/bin/true\0"s)), 4));
  const auto claim = static_cast<std::uint32_t>(Type::claim);
  BOOST_TEST(is_refused(sandbox, packet(claim, std::string(sizeof(Claim) - 1, '\0')), 0));
  BOOST_TEST(is_refused(sandbox, packet(claim, std::string(sizeof(Claim), '\0')), 1));
  BOOST_TEST(is_refused(sandbox, packet(claim, std::string(sizeof(Claim), 'x')), 0));
  const auto attach = static_cast<std::uint32_t>(Type::attach);
  BOOST_TEST(is_refused(sandbox, packet(attach, "1234567812345678"), 3));
  BOOST_TEST(is_refused(sandbox, packet(attach, std::string(16, '\0')), 4));
  BOOST_TEST(is_refused(sandbox, packet(attach, "1234"), 4));
  sandbox.connect();
  auto child = sandbox.shell("echo alive");
  child.open();
  BOOST_TEST(child.read_all() == "alive\n");
}

BOOST_AUTO_TEST_CASE(new_connection_replaces_the_old) {
  Sandbox sandbox;
  auto child = sandbox.shell("true");
  auto old = std::move(sandbox.client);
  bool closed = false;
  old->on_closed = [&](const Error&) { closed = true; };
  sandbox.connect();
  sandbox.wait_until([&] { return closed; });
  auto next = sandbox.shell("echo new");
  next.open();
  BOOST_TEST(next.read_all() == "new\n");
}

BOOST_AUTO_TEST_CASE(requests_that_cannot_be_encoded_are_refused) {
  SpawnRequest request;
  BOOST_TEST(!encode_spawn(1, request));
  request.argv = {std::string("a\0b", 3)};
  BOOST_TEST(!encode_spawn(1, request));
  request.argv = {std::string(max_packet_bytes, 'x')};
  BOOST_TEST(!encode_spawn(1, request));
  request.argv = {"/bin/true"};
  BOOST_TEST(encode_spawn(1, request).has_value());
}

BOOST_AUTO_TEST_CASE(a_program_that_waits_itself_is_executed_before_its_gate_opens) {
  Sandbox sandbox;
  auto child = sandbox.spawn_early("echo early; read -r line <&3 && echo $line");
  BOOST_TEST(child.read_line() == "early\n");
  BOOST_REQUIRE_EQUAL(write(child.started.gate.get(), "late\n", 5), 5);
  BOOST_TEST(child.read_all() == "late\n");
}

BOOST_AUTO_TEST_CASE(an_earlier_sandbox_waits_for_the_program) {
  SpawnRequest request;
  request.argv = {"/bin/waits"};
  request.early_argv = {"/bin/early", "--gate", "3"};
  BOOST_TEST(encode_spawn(1, request, true)->find("/bin/early") != std::string::npos);
  auto earlier = encode_spawn(1, request, false);
  BOOST_TEST(earlier->find("/bin/waits") != std::string::npos);
  request.early_argv.clear();
  BOOST_TEST(*earlier == *encode_spawn(1, request, true));
}

BOOST_AUTO_TEST_CASE(long_folder_names_work) {
  SandboxOptions options;
  char base[] = "/tmp/podsd-long-XXXXXX";
  BOOST_REQUIRE(mkdtemp(base) != nullptr);
  options.dir = std::filesystem::path(base) / std::string(200, 'd');
  std::filesystem::create_directory(options.dir);
  options.program = std::getenv("PODSD_SANDBOX");
  auto started = start_sandbox(options);
  BOOST_REQUIRE(started);
  boost::asio::io_context io;
  BOOST_TEST(connect_sandbox(io, options.dir).has_value());
  started->gate.reset();
  await_death(started->pidfd);
  std::filesystem::remove_all(base);
}

BOOST_AUTO_TEST_SUITE_END()

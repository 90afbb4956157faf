// SPDX-License-Identifier: Apache-2.0
// What podsd-runtime-systemd reads of its command line.
#include "dbus/scope/property.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

namespace podsd::test {
namespace {

/// A message of a bus that never says anything: it only is written and read again.
struct Message {
  Message() {
    int ends[2];
    BOOST_REQUIRE_EQUAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    peer = ends[1];
    BOOST_REQUIRE_GE(sd_bus_new(&bus), 0);
    BOOST_REQUIRE_GE(sd_bus_set_fd(bus, ends[0], ends[0]), 0);
    BOOST_REQUIRE_GE(sd_bus_start(bus), 0);
    BOOST_REQUIRE_GE(sd_bus_message_new_method_call(bus, &message, "a.b", "/", "a.b", "C"), 0);
  }
  ~Message() {
    sd_bus_message_unref(message);
    sd_bus_close_unref(bus);
    close(peer);
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  /// Writes a property and turns the message to be read.
  int add(const std::string& word) { return dbus::append_property(message, word.c_str()); }
  void turn() {
    BOOST_REQUIRE_GE(sd_bus_message_seal(message, 1, 0), 0);
    BOOST_REQUIRE_GE(sd_bus_message_rewind(message, 1), 0);
  }

  sd_bus* bus = nullptr;
  sd_bus_message* message = nullptr;
  int peer = -1;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scope_properties)

BOOST_AUTO_TEST_CASE(values_of_each_type) {
  Message m;
  for (const char* word :
       {"MemoryMax=t:18446744073709551615", "Delegate=b:true", "Slice=s:a=b:c", "PIDs=au:4711",
        "AllowedCPUs=ay:0fA0", "DeviceAllow=a(ss):/dev/null rwm,char-pts rw"})
    BOOST_TEST(m.add(word) >= 0, word);
  m.turn();
  const char *name = nullptr, *text = nullptr, *second = nullptr;
  std::uint64_t number = 0;
  std::uint32_t pid = 0;
  int flag = 0;
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "(sv)", &name, "t", &number), 0);
  BOOST_TEST(name == std::string("MemoryMax"));
  BOOST_TEST(number == ~std::uint64_t{0});
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "(sv)", &name, "b", &flag), 0);
  BOOST_TEST(flag == 1);
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "(sv)", &name, "s", &text), 0);
  BOOST_TEST(text == std::string("a=b:c"));
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "(sv)", &name, "au", 1, &pid), 0);
  BOOST_TEST(pid == 4711U);
  BOOST_REQUIRE_GT(sd_bus_message_enter_container(m.message, 'r', "sv"), 0);
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "s", &name), 0);
  BOOST_REQUIRE_GT(sd_bus_message_enter_container(m.message, 'v', "ay"), 0);
  const void* bytes = nullptr;
  std::size_t size = 0;
  BOOST_REQUIRE_GE(sd_bus_message_read_array(m.message, 'y', &bytes, &size), 0);
  BOOST_TEST(std::string(static_cast<const char*>(bytes), size) == "\x0f\xa0");
  BOOST_REQUIRE_GE(sd_bus_message_exit_container(m.message), 0);
  BOOST_REQUIRE_GE(sd_bus_message_exit_container(m.message), 0);
  BOOST_REQUIRE_GT(sd_bus_message_enter_container(m.message, 'r', "sv"), 0);
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "s", &name), 0);
  BOOST_REQUIRE_GT(sd_bus_message_enter_container(m.message, 'v', "a(ss)"), 0);
  BOOST_REQUIRE_GT(sd_bus_message_enter_container(m.message, 'a', "(ss)"), 0);
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "(ss)", &text, &second), 0);
  BOOST_TEST(text == std::string("/dev/null"));
  BOOST_TEST(second == std::string("rwm"));
  BOOST_REQUIRE_GT(sd_bus_message_read(m.message, "(ss)", &text, &second), 0);
  BOOST_TEST(text == std::string("char-pts"));
  BOOST_TEST(sd_bus_message_read(m.message, "(ss)", &text, &second) == 0);
}

BOOST_AUTO_TEST_CASE(words_that_are_none) {
  for (const char* word :
       {"", "MemoryMax", "MemoryMax=t", "MemoryMax=t:", "MemoryMax=t:-1", "MemoryMax=t:1x",
        "MemoryMax=t:18446744073709551616", "X=q:1", "Delegate=b:yes", "PIDs=au:4294967296",
        "AllowedCPUs=ay:0", "AllowedCPUs=ay:0g", "DeviceAllow=a(ss):alone"}) {
    Message m;
    BOOST_TEST(m.add(word) == -EINVAL, word);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::test

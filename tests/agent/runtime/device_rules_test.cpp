// SPDX-License-Identifier: Apache-2.0
// config-linux.md, "Allowed Device list".
#include "agent/runtime/device_rules.hpp"

#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <cstring>

#include "agent/runtime/unit_properties.hpp"

using namespace podsd::runtime;

namespace {

using Rules = std::vector<DeviceRule>;

// Runs a program as the kernel would, as far as device_program() makes use of it.
bool run(const std::vector<bpf_insn>& program, const bpf_cgroup_dev_ctx& context) {
  std::uint64_t registers[11] = {};
  for (std::size_t at = 0;; ++at) {
    BOOST_REQUIRE(at < program.size());
    const bpf_insn& insn = program[at];
    auto& to = registers[insn.dst_reg];
    const std::uint64_t from = registers[insn.src_reg];
    const auto number = static_cast<std::uint64_t>(static_cast<std::int64_t>(insn.imm));
    switch (insn.code) {
      case BPF_LDX | BPF_MEM | BPF_W: {
        std::uint32_t word;
        std::memcpy(&word, reinterpret_cast<const char*>(&context) + insn.off, sizeof word);
        to = word;
        break;
      }
      case BPF_ALU64 | BPF_MOV | BPF_X:
        to = from;
        break;
      case BPF_ALU64 | BPF_MOV | BPF_K:
        to = number;
        break;
      case BPF_ALU64 | BPF_AND | BPF_K:
        to &= number;
        break;
      case BPF_ALU64 | BPF_RSH | BPF_K:
        to >>= number;
        break;
      case BPF_JMP | BPF_JNE | BPF_K:
        at += to != number ? static_cast<std::size_t>(insn.off) : 0;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += to == number ? static_cast<std::size_t>(insn.off) : 0;
        break;
      case BPF_JMP32 | BPF_JNE | BPF_K:
        at += static_cast<std::uint32_t>(to) != static_cast<std::uint32_t>(number)
                  ? static_cast<std::size_t>(insn.off)
                  : 0;
        break;
      case BPF_JMP | BPF_EXIT:
        return registers[0] != 0;
      default:
        BOOST_FAIL("an instruction that the test does not know");
    }
  }
}

bool allows(const Rules& rules, char type, unsigned major, unsigned minor, const std::string& access) {
  unsigned bits = 0;
  for (char c : access)
    bits |= c == 'r' ? BPF_DEVCG_ACC_READ : c == 'w' ? BPF_DEVCG_ACC_WRITE : BPF_DEVCG_ACC_MKNOD;
  const unsigned kind = type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
  return run(device_program(rules), {bits << 16 | kind, major, minor});
}

std::string properties(const Rules& rules) {
  std::string text;
  for (const auto& one : device_unit_properties(rules)) text += one + ";";
  return text;
}

const DeviceRule deny_all = {false, 'a', -1, -1, "rwm"};
const DeviceRule allow_all = {true, 'a', -1, -1, "rwm"};

}  // namespace

BOOST_AUTO_TEST_SUITE(device_rules)

BOOST_AUTO_TEST_CASE(the_last_that_fits_decides) {
  BOOST_TEST(!allows({}, 'c', 1, 3, "r"));
  BOOST_TEST(!allows({deny_all}, 'c', 1, 3, "r"));
  BOOST_TEST(allows({deny_all, allow_all}, 'b', 8, 0, "rwm"));
  const Rules disk = {deny_all, {true, 'b', 8, -1, "rw"}, {false, 'b', 8, 1, "w"}};
  BOOST_TEST(allows(disk, 'b', 8, 0, "rw"));
  BOOST_TEST(!allows(disk, 'b', 8, 0, "m"));
  BOOST_TEST(!allows(disk, 'c', 8, 0, "r"));
  BOOST_TEST(!allows(disk, 'b', 9, 0, "r"));
  BOOST_TEST(allows(disk, 'b', 8, 1, "r"));
  BOOST_TEST(!allows(disk, 'b', 8, 1, "rw"));
  BOOST_TEST(!allows({allow_all, {false, 'c', 10, 229, "rwm"}}, 'c', 10, 229, "r"));
  BOOST_TEST(allows({allow_all, {false, 'c', 10, 229, "rwm"}}, 'c', 10, 228, "r"));
  // Each kind of access has a rule of its own.
  const Rules apart = {{true, 'c', 4, 0, "r"}, {true, 'c', -1, 0, "w"}};
  BOOST_TEST(allows(apart, 'c', 4, 0, "rw"));
  BOOST_TEST(!allows(apart, 'c', 5, 0, "rw"));
  BOOST_TEST(allows({{true, 'c', 0xffffffff, 7, "r"}}, 'c', 0xffffffff, 7, "r"));
}

BOOST_AUTO_TEST_CASE(every_container_has_the_default_devices) {
  const Rules rules = with_default_devices({deny_all});
  for (unsigned minor : {3U, 5U, 7U, 8U, 9U}) BOOST_TEST(allows(rules, 'c', 1, minor, "rwm"));
  for (unsigned minor : {0U, 1U, 2U}) BOOST_TEST(allows(rules, 'c', 5, minor, "rwm"));
  BOOST_TEST(allows(rules, 'c', 136, 12, "rw"));
  BOOST_TEST(allows(rules, 'b', 8, 0, "m"));
  for (const char* access : {"r", "w", "rm"}) BOOST_TEST(!allows(rules, 'b', 8, 0, access));
  BOOST_TEST(!allows(rules, 'c', 1, 1, "r"));  // /dev/mem
}

BOOST_AUTO_TEST_CASE(as_properties_of_a_unit) {
  BOOST_TEST(properties({}) == "DevicePolicy=s:strict;DeviceAllow=a(ss):;");
  BOOST_TEST(properties({allow_all}) == "DevicePolicy=s:auto;DeviceAllow=a(ss):;");
  BOOST_TEST(properties({allow_all, deny_all, {true, 'c', 10, 229, "rw"}, {true, 'b', 8, -1, "r"}}) ==
             "DevicePolicy=s:strict;DeviceAllow=a(ss):/dev/char/10:229 rw,block-8 r;");
  BOOST_TEST(properties({{true, 'a', -1, -1, "m"}}) ==
             "DevicePolicy=s:strict;DeviceAllow=a(ss):block-* m,char-* m;");
  BOOST_TEST(properties({{true, 'c', 10, 229, "rw"},
                         {false, 'c', 10, -1, "w"},
                         {true, 'c', 1, 3, "r"},
                         {false, 'c', 1, 3, "r"}}) ==
             "DevicePolicy=s:strict;DeviceAllow=a(ss):/dev/char/10:229 r;");
  // An exception is left to the program.
  BOOST_TEST(properties({{true, 'b', 8, -1, "rw"}, {false, 'b', 8, 1, "w"}}) ==
             "DevicePolicy=s:strict;DeviceAllow=a(ss):block-8 rw;");
}

BOOST_AUTO_TEST_SUITE_END()

// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/device_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <ranges>

namespace podsd::runtime {
namespace {

// struct bpf_cgroup_dev_ctx in registers.
enum Register : std::uint8_t {
  verdict = 0,
  context = 1,
  kind = 2,
  wanted = 3,
  major = 4,
  minor = 5,
  left = 6
};

constexpr DeviceRule default_rules[] = {
    {true, 'c', -1, -1, "m"}, {true, 'b', -1, -1, "m"}, {true, 'c', 1, 3, "rwm"},   {true, 'c', 1, 8, "rwm"},
    {true, 'c', 1, 7, "rwm"}, {true, 'c', 5, 0, "rwm"}, {true, 'c', 1, 5, "rwm"},   {true, 'c', 1, 9, "rwm"},
    {true, 'c', 5, 1, "rwm"}, {true, 'c', 5, 2, "rwm"}, {true, 'c', 136, -1, "rwm"}};

bpf_insn instruction(int code, int to, int from, int offset, std::int32_t number) {
  bpf_insn insn = {};
  insn.code = static_cast<__u8>(code);
  insn.dst_reg = static_cast<__u8>(to) & 0xf;
  insn.src_reg = static_cast<__u8>(from) & 0xf;
  insn.off = static_cast<__s16>(offset);
  insn.imm = number;
  return insn;
}

bpf_insn load(Register to, std::size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, to, context, static_cast<int>(offset), 0);
}

std::int32_t bits(const std::string& access) {
  std::int32_t set = 0;
  for (char c : access)
    set |= c == 'r' ? BPF_DEVCG_ACC_READ : c == 'w' ? BPF_DEVCG_ACC_WRITE : BPF_DEVCG_ACC_MKNOD;
  return set;
}

void answer(std::vector<bpf_insn>& program, bool allowed) {
  program.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_K, verdict, 0, 0, allowed ? 1 : 0));
  program.push_back(instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

// What a rule that fits does: an allowed kind of access needs no other rule, a denied one decides.
std::vector<bpf_insn> effect(const DeviceRule& rule) {
  std::vector<bpf_insn> block;
  if (rule.allow) {
    block.push_back(instruction(BPF_ALU64 | BPF_AND | BPF_K, wanted, 0, 0, ~bits(rule.access)));
    block.push_back(instruction(BPF_JMP | BPF_JNE | BPF_K, wanted, 0, 2, 0));
  } else {
    block.push_back(instruction(BPF_ALU64 | BPF_MOV | BPF_X, left, wanted, 0, 0));
    block.push_back(instruction(BPF_ALU64 | BPF_AND | BPF_K, left, 0, 0, bits(rule.access)));
    block.push_back(instruction(BPF_JMP | BPF_JEQ | BPF_K, left, 0, 2, 0));
  }
  answer(block, rule.allow);
  return block;
}

void add_rule(const DeviceRule& rule, std::vector<bpf_insn>& program) {
  auto block = effect(rule);
  std::vector<std::pair<Register, std::int32_t>> conditions;
  if (rule.type != 'a')
    conditions.emplace_back(kind, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  if (rule.major >= 0) conditions.emplace_back(major, static_cast<std::int32_t>(rule.major));
  if (rule.minor >= 0) conditions.emplace_back(minor, static_cast<std::int32_t>(rule.minor));
  int behind = static_cast<int>(block.size() + conditions.size());
  for (auto [place, number] : conditions)
    program.push_back(instruction(BPF_JMP32 | BPF_JNE | BPF_K, place, 0, --behind, number));
  program.insert(program.end(), block.begin(), block.end());
}

bool covers(const DeviceRule& wide, const DeviceRule& narrow) {
  return (wide.type == 'a' || wide.type == narrow.type) && (wide.major < 0 || wide.major == narrow.major) &&
         (wide.minor < 0 || wide.minor == narrow.minor);
}

bool is_everything(const DeviceRule& rule) {
  return rule.type == 'a' && rule.major < 0 && rule.minor < 0 && bits(rule.access) == bits("rwm");
}

// "char-*", "char-136", "/dev/char/1:3": systemd.resource-control(5), DeviceAllow=.
std::string specifier(const DeviceRule& rule, char type) {
  std::string name = type == 'b' ? "block" : "char";
  if (rule.major < 0) return name + "-*";
  if (rule.minor < 0) return name + "-" + std::to_string(rule.major);
  return "/dev/" + name + "/" + std::to_string(rule.major) + ":" + std::to_string(rule.minor);
}

}  // namespace

std::vector<DeviceRule> with_default_devices(std::vector<DeviceRule> rules) {
  rules.insert(rules.end(), std::begin(default_rules), std::end(default_rules));
  return rules;
}

std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules) {
  std::vector<bpf_insn> program = {
      load(kind, offsetof(bpf_cgroup_dev_ctx, access_type)),
      instruction(BPF_ALU64 | BPF_MOV | BPF_X, wanted, kind, 0, 0),
      instruction(BPF_ALU64 | BPF_AND | BPF_K, kind, 0, 0, 0xffff),
      instruction(BPF_ALU64 | BPF_RSH | BPF_K, wanted, 0, 0, 16),
      load(major, offsetof(bpf_cgroup_dev_ctx, major)),
      load(minor, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  // The last rule comes first; behind one for everything no other counts, and the kernel refuses code that
  // nothing reaches.
  for (const auto& rule : rules | std::views::reverse) {
    if (is_everything(rule)) {
      answer(program, rule.allow);
      return program;
    }
    add_rule(rule, program);
  }
  answer(program, false);
  return program;
}

DeviceProperties device_properties(const std::vector<DeviceRule>& rules) {
  std::vector<DeviceRule> allowed;
  bool closed = true;
  for (const auto& rule : rules) {
    if (is_everything(rule)) {
      closed = !rule.allow;
      allowed.clear();
    } else if (rule.allow) {
      allowed.push_back(rule);
    } else {
      for (auto& one : allowed)
        if (covers(rule, one))
          std::erase_if(one.access, [&](char c) { return rule.access.find(c) != std::string::npos; });
    }
  }
  DeviceProperties properties{closed, {}};
  if (!closed) return properties;
  for (const auto& one : allowed)
    for (char type : {'b', 'c'})
      if (!one.access.empty() && (one.type == 'a' || one.type == type))
        properties.allow.emplace_back(specifier(one, type), one.access);
  return properties;
}

}  // namespace podsd::runtime

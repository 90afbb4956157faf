// SPDX-License-Identifier: Apache-2.0
// Runs a seccomp filter as the kernel would: the part of classic BPF (Documentation/networking/filter.rst)
// that filters are made of.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace podsd::tests {

inline std::vector<sock_filter> instructions(const std::string& program) {
  std::vector<sock_filter> list(program.size() / sizeof(sock_filter));
  std::memcpy(list.data(), program.data(), list.size() * sizeof(sock_filter));
  return list;
}

/// What the filter returns for a call: SECCOMP_RET_* with its data.
inline std::uint32_t run_filter(const std::vector<sock_filter>& program, const seccomp_data& call) {
  std::uint32_t a = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& i = program[at];
    const auto jump = [&](bool taken) { at += taken ? i.jt : i.jf; };
    switch (i.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&a, reinterpret_cast<const char*>(&call) + i.k, sizeof a);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        a &= i.k;
        break;
      case BPF_JMP | BPF_JA:
        at += i.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        jump(a == i.k);
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        jump(a > i.k);
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        jump(a >= i.k);
        break;
      case BPF_RET | BPF_K:
        return i.k;
      default:
        throw std::runtime_error("an instruction that no filter has: " + std::to_string(i.code));
    }
  }
  throw std::runtime_error("the filter has no end");
}

}  // namespace podsd::tests

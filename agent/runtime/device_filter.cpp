// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/device_filter.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace podsd::runtime {
namespace {

int bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

}  // namespace

Result<void> attach_device_program(const Cgroup& cgroup, const std::vector<bpf_insn>& program) {
  bpf_attr attributes = {};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uint64_t>(program.data());
  attributes.insn_cnt = static_cast<__u32>(program.size());
  attributes.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  UniqueFd loaded(bpf(BPF_PROG_LOAD, attributes));
  if (!loaded)
    return fail("resources.devices", "cannot load the program that decides", Error{"bpf", {}, errno, {}});
  attributes = {};
  attributes.target_fd = static_cast<__u32>(cgroup.folder().get());
  attributes.attach_bpf_fd = static_cast<__u32>(loaded.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, attributes) < 0)
    return fail("resources.devices", "cannot attach the program that decides to " + cgroup.path(),
                Error{"bpf", {}, errno, {}});
  return {};
}

}  // namespace podsd::runtime

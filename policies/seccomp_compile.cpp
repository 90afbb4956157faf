// SPDX-License-Identifier: Apache-2.0
#include <seccomp.h>

#include <cerrno>
#include <memory>

#include "policies/seccomp.hpp"

namespace podsd::policies {
namespace {

using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

std::uint32_t action_of(SeccompAction action, const std::optional<std::uint32_t>& error) {
  switch (action) {
    case SeccompAction::kill_thread:
      return SCMP_ACT_KILL_THREAD;
    case SeccompAction::kill_process:
      return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::trap:
      return SCMP_ACT_TRAP;
    case SeccompAction::error:
      return SCMP_ACT_ERRNO(error.value_or(EPERM));
    case SeccompAction::trace:
      return SCMP_ACT_TRACE(error.value_or(EPERM));
    case SeccompAction::log:
      return SCMP_ACT_LOG;
    case SeccompAction::allow:
      return SCMP_ACT_ALLOW;
    case SeccompAction::notify:
      break;
  }
  return SCMP_ACT_NOTIFY;
}

scmp_compare op_of(SeccompOp op) {
  switch (op) {
    case SeccompOp::not_equal:
      return SCMP_CMP_NE;
    case SeccompOp::less:
      return SCMP_CMP_LT;
    case SeccompOp::less_or_equal:
      return SCMP_CMP_LE;
    case SeccompOp::equal:
      return SCMP_CMP_EQ;
    case SeccompOp::greater_or_equal:
      return SCMP_CMP_GE;
    case SeccompOp::greater:
      return SCMP_CMP_GT;
    case SeccompOp::masked_equal:
      break;
  }
  return SCMP_CMP_MASKED_EQ;
}

// libseccomp's name of an architecture is the specification's without its prefix, in small letters.
std::uint32_t architecture_of(const std::string& name) {
  constexpr std::string_view prefix = "SCMP_ARCH_";
  if (!name.starts_with(prefix)) return 0;
  std::string small = name.substr(prefix.size());
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return seccomp_arch_resolve_name(small.c_str());
}

Result<void> add_architectures(scmp_filter_ctx context, const SeccompProfile& profile) {
  for (const auto& name : profile.architectures) {
    std::uint32_t architecture = architecture_of(name);
    if (architecture == 0) return fail("unknown seccomp architecture", name);
    int error = seccomp_arch_add(context, architecture);
    if (error < 0 && error != -EEXIST) return fail("cannot use the seccomp architecture", name, -error);
  }
  return {};
}

Result<void> add_rule(scmp_filter_ctx context, const SeccompRule& rule, std::uint32_t action, int call,
                      const std::string& name) {
  std::vector<scmp_arg_cmp> arguments;
  for (const auto& a : rule.arguments) arguments.push_back({a.index, op_of(a.op), a.value, a.value_two});
  int error = seccomp_rule_add_array(context, action, call, static_cast<unsigned>(arguments.size()),
                                     arguments.data());
  // -EDOM: this architecture has no such call. -EEXIST: the same rule stands there already.
  if (error < 0 && error != -EDOM && error != -EEXIST)
    return fail("cannot add the seccomp rule for", name, -error);
  return {};
}

Result<void> add_rules(scmp_filter_ctx context, const SeccompProfile& profile, SeccompNotes& notes) {
  std::uint32_t otherwise = action_of(profile.default_action, profile.default_error);
  for (const auto& rule : profile.rules) {
    std::uint32_t action = action_of(rule.action, rule.error);
    notes.notifies = notes.notifies || rule.action == SeccompAction::notify;
    // libseccomp refuses rules that say what would happen in any case.
    if (action == otherwise) continue;
    for (const auto& name : rule.names) {
      int call = seccomp_syscall_resolve_name(name.c_str());
      if (call == __NR_SCMP_ERROR) {
        notes.unknown.push_back(name);
        continue;
      }
      if (auto done = add_rule(context, rule, action, call, name); !done) return done;
    }
  }
  return {};
}

}  // namespace

Result<SeccompNotes> compile_seccomp(const SeccompProfile& profile, int fd) {
  Context context(seccomp_init(action_of(profile.default_action, profile.default_error)), seccomp_release);
  if (!context) return fail("cannot compile a seccomp profile", "default action");
  // A call by another entry of the kernel never falls through to rules that were written for this one.
  seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree of the calls
  SeccompNotes notes;
  if (auto done = add_architectures(context.get(), profile); !done) return std::unexpected(done.error());
  if (auto done = add_rules(context.get(), profile, notes); !done) return std::unexpected(done.error());
  if (int error = seccomp_export_bpf(context.get(), fd); error < 0)
    return fail("cannot compile the seccomp profile", {}, -error);
  return notes;
}

}  // namespace podsd::policies

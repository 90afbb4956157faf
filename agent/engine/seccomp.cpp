// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/seccomp.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "agent/os/unique_fd.hpp"

namespace podsd::engine {
namespace {

using Json = nlohmann::ordered_json;
using policies::SeccompAction;
using policies::SeccompOp;

constexpr off_t max_profile_bytes = 1 << 20;

const char* text(SeccompAction action) {
  switch (action) {
    case SeccompAction::kill_thread:
      return "SCMP_ACT_KILL_THREAD";
    case SeccompAction::kill_process:
      return "SCMP_ACT_KILL_PROCESS";
    case SeccompAction::trap:
      return "SCMP_ACT_TRAP";
    case SeccompAction::error:
      return "SCMP_ACT_ERRNO";
    case SeccompAction::trace:
      return "SCMP_ACT_TRACE";
    case SeccompAction::log:
      return "SCMP_ACT_LOG";
    case SeccompAction::allow:
      return "SCMP_ACT_ALLOW";
    case SeccompAction::notify:
      break;
  }
  return "SCMP_ACT_NOTIFY";
}

const char* text(SeccompOp op) {
  constexpr const char* words[] = {"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
                                   "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
  return words[static_cast<std::size_t>(op)];
}

Json rule_json(const policies::SeccompRule& rule) {
  Json out{{"names", rule.names}, {"action", text(rule.action)}};
  if (rule.error) out["errnoRet"] = *rule.error;
  for (const auto& argument : rule.arguments)
    out["args"].push_back({{"index", argument.index},
                           {"value", argument.value},
                           {"valueTwo", argument.value_two},
                           {"op", text(argument.op)}});
  return out;
}

/// A file below `folder`, which the path never leaves, not by a link either.
Result<std::string> read_below(const std::filesystem::path& folder, const std::string& path) {
  UniqueFd dir(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return fail("cannot open the folder of seccomp profiles", folder, errno);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  UniqueFd file(static_cast<int>(::syscall(SYS_openat2, dir.get(), path.c_str(), &how, sizeof how)));
  if (!file) return fail("cannot open the seccomp profile", folder / path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode))
    return fail("the seccomp profile is not a regular file", folder / path);
  if (status.st_size > max_profile_bytes) return fail("the seccomp profile is too large", folder / path);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  if (::pread(file.get(), text.data(), text.size(), 0) != status.st_size)
    return fail("cannot read the seccomp profile", folder / path, errno);
  return text;
}

std::string machine_of(const utsname& node) {
  const std::string machine = node.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine;
}

Result<Json> localhost_profile(const std::string& path,
                               const std::set<std::string, std::less<>>& capabilities,
                               const std::filesystem::path& profiles) {
  const auto text = read_below(profiles, path);
  if (!text) return std::unexpected(text.error());
  const Json profile = Json::parse(*text, nullptr, false);
  if (!profile.is_object() || !profile.contains("defaultAction"))
    return fail("not a seccomp profile: expected a JSON object with a defaultAction", profiles / path);
  utsname node{};
  ::uname(&node);
  auto resolved = resolve_profile(profile, capabilities, machine_of(node), node.release);
  if (!resolved) return fail("seccomp profile", profiles / path, resolved.error());
  return resolved;
}

}  // namespace

Json seccomp_json(const policies::SeccompProfile& profile) {
  Json out{{"defaultAction", text(profile.default_action)}};
  if (profile.default_error) out["defaultErrnoRet"] = *profile.default_error;
  if (!profile.architectures.empty()) out["architectures"] = profile.architectures;
  if (!profile.flags.empty()) out["flags"] = profile.flags;
  out["syscalls"] = Json::array();
  for (const auto& rule : profile.rules) out["syscalls"].push_back(rule_json(rule));
  return out;
}

Result<Json> container_seccomp(const spec::SecurityContext& security,
                               const std::set<std::string, std::less<>>& capabilities,
                               const std::filesystem::path& profiles) {
  using Type = spec::SeccompProfile::Type;
  if (security.privileged || security.seccomp.type == Type::unconfined) return Json();
  if (security.seccomp.type == Type::localhost)
    return localhost_profile(security.seccomp.localhost_profile, capabilities, profiles);
  return seccomp_json(policies::default_seccomp_profile(capabilities));
}

}  // namespace podsd::engine

// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/os/unique_fd.hpp"
#include "agent/runtime/files.hpp"
#include "agent/runtime/seccomp.hpp"
#include "agent/runtime/seccomp_agent.hpp"

namespace podsd::runtime {
namespace {

constexpr std::size_t max_kept_bytes = 4U << 20;
// Changes with the form of the files and with what is compiled into them.
constexpr std::string_view version = "podsd seccomp 2\n";

// FNV-1a: only names a file, whose content is compared.
std::string name_of(std::string_view json) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char c : json) hash = (hash ^ c) * 0x100000001b3;
  char text[17];
  for (int i = 0; i < 16; ++i) text[i] = "0123456789abcdef"[(hash >> (60 - 4 * i)) & 15];
  return {text, 16};
}

// A kept filter: version, length of the JSON, the JSON, flags, program.
struct Lengths {
  std::uint64_t json;
  std::uint64_t flags;
};

std::string to_bytes(const std::string& json, const LoadedFilter& filter) {
  Lengths lengths{json.size(), filter.flags};
  std::string text(version);
  text.append(reinterpret_cast<const char*>(&lengths), sizeof lengths);
  return text.append(json).append(filter.program);
}

bool from_bytes(std::string_view bytes, std::string_view json, LoadedFilter& filter) {
  if (!bytes.starts_with(version)) return false;
  bytes.remove_prefix(version.size());
  Lengths lengths;
  if (bytes.size() < sizeof lengths) return false;
  std::memcpy(&lengths, bytes.data(), sizeof lengths);
  bytes.remove_prefix(sizeof lengths);
  if (lengths.json != json.size() || !bytes.starts_with(json)) return false;
  bytes.remove_prefix(json.size());
  if (bytes.empty() || bytes.size() % sizeof(sock_filter) != 0) return false;
  filter.program = bytes;
  filter.flags = static_cast<std::uint32_t>(lengths.flags);
  return true;
}

// Only what root alone could have written there counts.
bool trusted(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 022) == 0;
}

std::uint32_t flags_of(const policies::SeccompProfile& profile) {
  std::uint32_t flags = 0;
  for (const auto& name : profile.flags) {
    if (name == "SECCOMP_FILTER_FLAG_TSYNC") flags |= SECCOMP_FILTER_FLAG_TSYNC;
    if (name == "SECCOMP_FILTER_FLAG_LOG") flags |= SECCOMP_FILTER_FLAG_LOG;
    if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if (name == "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  }
  // The kernel takes a listener and TSYNC together only where other threads do not count; there are none.
  if (std::ranges::count(profile.rules, policies::SeccompAction::notify, &policies::SeccompRule::action) != 0)
    flags = (flags & ~std::uint32_t{SECCOMP_FILTER_FLAG_TSYNC}) | SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return flags;
}

Result<LoadedFilter> compile(const std::string& json) {
  auto profile = parse_seccomp(json);
  if (!profile) return std::unexpected(profile.error());
  UniqueFd memory(memfd_create("seccomp", MFD_CLOEXEC));
  if (!memory) return fail("cannot make a memfd", {}, errno);
  auto notes = policies::compile_seccomp(*profile, memory.get());
  if (!notes) return std::unexpected(notes.error());
  off_t size = lseek(memory.get(), 0, SEEK_END);
  LoadedFilter filter{std::string(static_cast<std::size_t>(size), '\0'), flags_of(*profile),
                      std::move(notes->unknown)};
  if (pread(memory.get(), filter.program.data(), filter.program.size(), 0) != size)
    return fail("cannot read the compiled filter", {}, errno);
  return filter;
}

}  // namespace

Result<LoadedFilter> seccomp_filter(const std::string& json, const std::string& cache) {
  std::string path = cache + "/" + name_of(json);
  LoadedFilter kept;
  if (trusted(cache) && trusted(path))
    if (auto bytes = read_file(path, max_kept_bytes); bytes && from_bytes(*bytes, json, kept)) return kept;
  auto filter = compile(json);
  if (!filter) return filter;
  mkdir(cache.c_str(), 0700);
  // Without the cache the next container compiles again.
  if (trusted(cache)) static_cast<void>(replace_file(path, to_bytes(json, *filter)));
  return filter;
}

Result<void> load_seccomp(const LoadedFilter& filter, SeccompAgent& agent) {
  if (filter.program.empty()) return {};
  sock_fprog program = {static_cast<unsigned short>(filter.program.size() / sizeof(sock_filter)),
                        reinterpret_cast<sock_filter*>(const_cast<char*>(filter.program.data()))};
  const auto result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter.flags, &program);
  if (result < 0) return fail("cannot load the seccomp filter", {}, errno);
  if ((filter.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) == 0) return {};
  return hand_over(agent, UniqueFd(static_cast<int>(result)));
}

}  // namespace podsd::runtime

// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/copy.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "agent/cli/tree_unpack.hpp"
#include "agent/os/unique_fd.hpp"
#include "agent/runtime/root_path.hpp"

namespace podsd::cli {
namespace {

/// One side of a copy.
struct Side {
  std::string word;  ///< as it was written
  std::string path;
  UniqueFd root;   ///< that the path starts at; none: standard input or output
  UniqueFd users;  ///< the container's user namespace
  Owner owner;
  bool remote = false;
};

/// Where a copy goes: a folder, and the name in it; empty: the source's contents go right there.
struct Target {
  UniqueFd folder;
  std::string name;
};

bool is_folder(const UniqueFd& fd) {
  struct stat st {};
  return ::fstat(fd.get(), &st) == 0 && S_ISDIR(st.st_mode);
}

std::string parent_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// Not made where it is missing: a mistyped folder is an error, as with cp(1).
Result<Target> open_target(const Side& side, const std::string& source_name) {
  auto there = runtime::open_in_root(side.root, side.path);
  if (there && is_folder(*there)) return Target{std::move(*there), source_name};
  if (!there && there.error().code != ENOENT) return std::unexpected(there.error());
  if (side.path.ends_with('/')) return fail("not a folder", side.word);
  auto folder = runtime::open_in_root(side.root, parent_of(side.path));
  if (!folder) return std::unexpected(folder.error());
  return Target{std::move(*folder), base_name(side.path)};
}

/// Where the pod has users of its own: root of these only. Owners then are numbers of the container's, and an
/// idmapped mount takes files from nobody else.
Result<void> enter_users(const UniqueFd& users) {
  struct stat mine = {}, its = {};
  if (::stat("/proc/self/ns/user", &mine) != 0 || ::fstat(users.get(), &its) != 0)
    return fail("cannot look at the container's user namespace", {}, errno);
  if (mine.st_ino == its.st_ino) return {};
  if (::setns(users.get(), CLONE_NEWUSER) != 0 || ::setgroups(0, nullptr) != 0 || ::setresgid(0, 0, 0) != 0 ||
      ::setresuid(0, 0, 0) != 0)
    return fail("cannot enter the container's user namespace", {}, errno);
  return {};
}

/// What is needed to read and write the container's files and to give them to its user; no way to anything
/// else of the host.
Result<void> drop_privileges() {
  constexpr unsigned kept = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_FSETID;
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].effective = data[0].permitted = kept;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::syscall(SYS_capset, &header, data) != 0)
    return fail("cannot drop privileges", {}, errno);
  return {};
}

void warn(const std::string& text) {
  std::fprintf(stderr, "podsctl: %s\n", text.c_str());
}

/// Runs one side; gives an exit code.
template <typename Work>
int side_done(const Side& side, Work work) {
  Result<void> done;
  if (side.remote) done = enter_users(side.users);
  if (done && side.remote) done = drop_privileges();
  if (done) done = work();
  if (!done) warn(done.error().message());
  return done ? Exit::done : Exit::failed;
}

int pack_side(const Side& side, const UniqueFd& source, const std::string& name, int out) {
  return side_done(side, [&] { return pack_tree(source, name, out, warn); });
}

int unpack_side(const Side& side, const UniqueFd& folder, int in) {
  return side_done(side, [&]() -> Result<void> {
    if (auto done = unpack_tree(in, folder, side.owner, warn); !done) return done;
    // The end of an archive may come before that of the pipe.
    char rest[4096];
    while (::read(in, rest, sizeof rest) > 0) continue;
    return {};
  });
}

/// One process per side: the container's gives up its privileges, this one needs them.
int run(const Side& from, const UniqueFd& source, const std::string& name, const Side& to,
        const UniqueFd& folder) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return warn("cannot make a pipe"), Exit::failed;
  UniqueFd read(ends[0]), write(ends[1]);
  ::signal(SIGPIPE, SIG_IGN);
  const pid_t child = ::fork();
  if (child < 0) return warn("cannot fork"), Exit::failed;
  if (child == 0) {
    read.reset();
    ::_exit(pack_side(from, source, name, write.get()));
  }
  write.reset();
  int unpacked = Exit::failed;
  const pid_t other = ::fork();
  if (other == 0) ::_exit(unpack_side(to, folder, read.get()));
  read.reset();
  int status = 0;
  if (other > 0 && ::waitpid(other, &status, 0) == other && WIFEXITED(status)) unpacked = WEXITSTATUS(status);
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return Exit::failed;
  return unpacked != Exit::done ? unpacked : WEXITSTATUS(status);
}

Result<Side> local_side(const std::string& word) {
  Side side{word, word, {}, {}, {::geteuid(), ::getegid()}, false};
  if (word == "-") return side;
  std::error_code error;
  const auto full = std::filesystem::absolute(word, error);
  if (error) return fail("no current folder", word);
  side.path = full.string();
  side.root.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!side.root) return fail("cannot open", "/", errno);
  return side;
}

Result<Side> remote_side(const RemotePath& remote, const std::string& word, const CopyOptions& options,
                         dbus::ManagerProxy& agent) {
  auto root = agent.open_root(remote.ns, remote.pod, options.container);
  if (!root) return std::unexpected(root.error());
  Side side{word, "/" + remote.path, UniqueFd(root->fd), UniqueFd(root->users), {root->uid, root->gid}, true};
  return side;
}

int copy_between(const Side& from, const Side& to) {
  if (!from.root) {  // an archive
    auto folder = runtime::open_in_root(to.root, to.path);
    if (!folder || !is_folder(*folder)) return warn("not a folder: " + to.word), Exit::failed;
    return unpack_side(to, *folder, STDIN_FILENO);
  }
  auto source = runtime::open_in_root(from.root, from.path);
  if (!source) return warn(from.word + ": " + source.error().message()), Exit::failed;
  const std::string name = base_name(from.path);
  if (!to.root) return pack_side(from, *source, name, STDOUT_FILENO);
  auto target = open_target(to, name);
  if (!target) return warn(to.word + ": " + target.error().message()), Exit::failed;
  return run(from, *source, target->name, to, target->folder);
}

}  // namespace

std::string base_name(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.rfind('/');
  const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return name == "." || name == ".." ? "" : std::string(name);
}

std::optional<RemotePath> remote_path(const std::string& word, const std::string& ns) {
  const auto colon = word.find(':');
  if (colon == std::string::npos || colon == 0 || word[0] == '/' || word[0] == '.') return std::nullopt;
  const std::string pod = word.substr(0, colon);
  const auto slash = pod.find('/');
  if (slash == std::string::npos) return RemotePath{ns, pod, word.substr(colon + 1)};
  return RemotePath{pod.substr(0, slash), pod.substr(slash + 1), word.substr(colon + 1)};
}

int copy(const CopyOptions& options, const Connect& connect, const Terminal& terminal) {
  const auto source = remote_path(options.source, options.ns),
             target = remote_path(options.target, options.ns);
  if (source.has_value() == target.has_value())
    return complain(terminal, "one of the two must be in a container, as POD:PATH");
  const RemotePath& remote = source ? *source : *target;
  const auto agent = connect();
  if (!agent) return complain(terminal, bus_error_text(agent.error(), remote.pod));
  auto there = remote_side(remote, source ? options.source : options.target, options, **agent);
  if (!there && there.error().subject.ends_with(".NoSuchContainer"))
    return complain(terminal, "pod \"" + remote.pod + "\" has no container \"" + options.container + "\"");
  if (!there) return complain(terminal, bus_error_text(there.error(), remote.pod));
  auto here = local_side(source ? options.target : options.source);
  if (!here) return complain(terminal, here.error().message());
  terminal.out.flush();
  return source ? copy_between(*there, *here) : copy_between(*here, *there);
}

}  // namespace podsd::cli

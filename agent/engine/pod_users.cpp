// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/pod_users.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "agent/engine/id_ranges.hpp"
#include "agent/runtime/idmapped_mount.hpp"
#include "agent/runtime/mount_calls.hpp"

namespace podsd::engine {

Result<void> check_user_namespaces(const std::filesystem::path& state) {
  utsname kernel{};
  int major = 0, minor = 0;
  ::uname(&kernel);
  if (std::sscanf(kernel.release, "%d.%d", &major, &minor) != 2 || major < 5 || (major == 5 && minor < 19))
    return fail("hostUsers: false needs Linux 5.19 or newer, this is", kernel.release);
  const runtime::IdMap map{{0, ids_per_pod, ids_per_pod}};
  const auto ns = runtime::make_user_namespace({map, map});
  if (!ns) return fail("hostUsers: false needs user namespaces", "", ns.error());
  const auto mount = runtime::clone_mount(AT_FDCWD, state, false);
  if (!mount) return std::unexpected(mount.error());
  const auto mapped = runtime::idmap_mount(*mount, *ns, false);
  if (!mapped) return fail("hostUsers: false is not possible with", state, mapped.error());
  return {};
}

Result<void> check_within_pod(const image::UserInfo& user) {
  const auto beyond = [](const char* what, std::uint32_t id) {
    return fail(std::string(what) + " " + std::to_string(id) +
                " is beyond the 65536 ids of a pod with hostUsers: false");
  };
  if (user.uid >= ids_per_pod) return beyond("user", user.uid);
  if (user.gid >= ids_per_pod) return beyond("group", user.gid);
  for (const std::uint32_t group : user.additional_gids)
    if (group >= ids_per_pod) return beyond("group", group);
  return {};
}

Result<void> give_to_pod(const std::filesystem::path& path, std::uint32_t first_id) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) return fail("cannot look at", path, errno);
  if (st.st_uid != 0) return {};
  if (::lchown(path.c_str(), first_id, first_id) != 0) return fail("cannot change the owner of", path, errno);
  return {};
}

}  // namespace podsd::engine

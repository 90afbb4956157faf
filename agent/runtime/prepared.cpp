// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/prepared.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <utility>

#include "agent/runtime/idmapped_mount.hpp"
#include "agent/runtime/mount_calls.hpp"

namespace podsd::runtime {
namespace {

// One pass over the operations. User namespaces for idmapped mounts are made once for equal maps.
class Preparation {
 public:
  explicit Preparation(const Plan& plan) : plan_(plan) {}

  Result<void> open_bundle(const std::string& path) {
    bundle_.reset(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!bundle_) return fail("cannot open the bundle", path, errno);
    return {};
  }

  Result<UniqueFd> make(const Op& op) {
    return std::visit([this](const auto& one) { return make(one); }, op);
  }

 private:
  Result<UniqueFd> make(const auto&) { return UniqueFd(); }

  Result<UniqueFd> make(const EnterRoot& op) {
    if (!plan_.user) return UniqueFd();
    auto root = copy(op.path, true);
    if (!root) return fail("the container's root", op.path, root.error());
    return root;
  }

  Result<UniqueFd> make(const BindMount& op) {
    if (!plan_.user && !op.options.idmap) return UniqueFd();
    auto mount = copy(op.source, op.options.recursive);
    if (mount && op.options.idmap)
      if (auto done = idmap(*mount, op); !done) mount = std::unexpected(done.error());
    if (!mount) return fail("mount " + op.source + " on", op.target, mount.error());
    return mount;
  }

  // mknod(2) of devices is closed in user namespaces. What is not there on the host is told by the init.
  Result<UniqueFd> make(const CreateDevice& op) {
    const Device& device = op.device;
    if (!plan_.user || device.type == 'p') return UniqueFd();
    auto mount = clone_mount(AT_FDCWD, device.path, false);
    struct stat status = {};
    if (!mount || fstat(mount->get(), &status) < 0) return UniqueFd();
    const bool kind = device.type == 'c' ? S_ISCHR(status.st_mode) : S_ISBLK(status.st_mode);
    if (!kind || status.st_rdev != makedev(device.major, device.minor)) return UniqueFd();
    return mount;
  }

  Result<UniqueFd> copy(const std::string& path, bool recursive) {
    auto mount = clone_mount(bundle_.get(), path, recursive);
    if (!mount) return mount;
    // As all that a mount namespace of another user copies: what happens on the host may come in, nothing
    // gets out.
    if (auto done = change_mount(*mount, 0, 0, MS_SLAVE, true); !done) return std::unexpected(done.error());
    return mount;
  }

  Result<void> idmap(const UniqueFd& mount, const BindMount& op) {
    const bool own = op.ids.empty();
    if (own && !plan_.user->path.empty()) {
      UniqueFd ns(open(plan_.user->path.c_str(), O_RDONLY | O_CLOEXEC));
      if (!ns) return fail("cannot open a namespace", plan_.user->path, errno);
      return idmap_mount(mount, ns, op.options.idmap_recursive);
    }
    const UserMaps& maps = own ? plan_.user->maps : op.ids;
    for (const auto& [known, ns] : namespaces_)
      if (known == maps) return idmap_mount(mount, ns, op.options.idmap_recursive);
    auto made = make_user_namespace(maps);
    if (!made) return std::unexpected(made.error());
    namespaces_.emplace_back(maps, std::move(*made));
    return idmap_mount(mount, namespaces_.back().second, op.options.idmap_recursive);
  }

  const Plan& plan_;
  UniqueFd bundle_;
  std::vector<std::pair<UserMaps, UniqueFd>> namespaces_;
};

}  // namespace

Result<Prepared> prepare_mounts(const Plan& plan, const std::string& bundle) {
  Prepared prepared;
  Preparation preparation(plan);
  if (auto done = preparation.open_bundle(bundle); !done) return std::unexpected(done.error());
  for (std::size_t i = 0; i < plan.ops.size(); ++i) {
    auto mount = preparation.make(plan.ops[i]);
    if (!mount) return std::unexpected(mount.error());
    if (*mount) prepared.emplace(i, std::move(*mount));
  }
  return prepared;
}

}  // namespace podsd::runtime

// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/folders.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "agent/engine/pod_users.hpp"
#include "agent/os/files.hpp"
#include "agent/os/unique_fd.hpp"

namespace podsd::engine {
namespace {

using spec::HostPathType;

Result<void> make_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644));
  if (!fd) return fail("cannot create the hostPath file", path, errno);
  return {};
}

struct Kind {
  mode_t mode;
  const char* name;
};

Kind wanted_kind(HostPathType type) {
  switch (type) {
    case HostPathType::directory:
    case HostPathType::directory_or_create:
      return {S_IFDIR, "a directory"};
    case HostPathType::file:
    case HostPathType::file_or_create:
      return {S_IFREG, "a file"};
    case HostPathType::socket:
      return {S_IFSOCK, "a socket"};
    case HostPathType::char_device:
      return {S_IFCHR, "a character device"};
    case HostPathType::block_device:
      return {S_IFBLK, "a block device"};
    case HostPathType::unset:
      break;
  }
  return {0, ""};
}

Result<void> check_host_path(const Mount& mount) {
  struct stat st {};
  const std::string& path = mount.source;
  if (::stat(path.c_str(), &st) != 0) {
    if (errno != ENOENT) return fail("cannot use the hostPath", path, errno);
    if (mount.type == HostPathType::directory_or_create) return os::make_dirs(path, 0755);
    if (mount.type == HostPathType::file_or_create) return make_file(path);
    // Without a type the kubelet leaves the path to the runtime, which makes a directory.
    if (mount.type == HostPathType::unset) return os::make_dirs(path, 0755);
    return fail("hostPath does not exist", path, ENOENT);
  }
  const Kind kind = wanted_kind(mount.type);
  if (kind.mode != 0 && (st.st_mode & S_IFMT) != kind.mode)
    return fail(std::string("hostPath is not ") + kind.name, path);
  return {};
}

std::string layers_of(const image::Image& image, bool relative) {
  std::string lower;
  // overlayfs wants the topmost layer first.
  for (auto it = image.layers.rbegin(); it != image.layers.rend(); ++it)
    lower += (lower.empty() ? "lowerdir=" : ":") + (relative ? it->filename() : *it).string();
  return lower;
}

/// Of the image's layers and `rest`. Paths of more than a hundred layers do not fit into the page that
/// mount(2) takes, their names alone do; a sandbox of an earlier podsd knows only paths.
Result<std::string> overlay_of(const image::Image& image, const std::string& rest) {
  constexpr std::size_t page = 4096;
  std::string options = layers_of(image, false) + rest;
  if (options.size() < page) return options;
  options = layers_of(image, true) + rest;
  if (options.size() < page) return image.layers.front().parent_path().string() + ":" + options;
  return fail("the image has too many layers for one overlay mount", image.name);
}

}  // namespace

Result<void> Folders::prepare(const SandboxSpec& spec) const {
  for (const auto& [dir, mode] :
       {std::pair{run_, 0700U}, {shm(), 01777U}, {run_ / "c", 0700U}, {state_, 0700U}})
    if (auto made = os::make_dirs(dir, mode); !made) return made;
  if (spec.fresh)
    for (const char* old : {"volumes", "containers"})
      if (auto gone = os::remove_tree(state_ / old); !gone) return gone;
  for (const EmptyVolume& v : spec.volumes)
    if (auto made = os::make_dirs(volume(v.name), 0777); !made) return made;
  if (spec.first_id == 0) return {};
  for (const EmptyVolume& v : spec.volumes)
    if (auto given = give_to_pod(volume(v.name), spec.first_id); !given) return given;
  return os::replace_file(user_namespace(), "");
}

Result<void> Folders::prepare_container(const std::string& container, std::uint32_t attempt,
                                        std::uint32_t first_id) const {
  const std::filesystem::path own = writable(container);
  const std::filesystem::path layer = own / std::to_string(attempt);
  std::error_code ignored;
  for (const auto& old : std::filesystem::directory_iterator(own, ignored))
    if (auto gone = os::remove_tree(old.path()); !gone) return gone;
  for (const char* stale : {"pid", "log"}) ::unlink((bundle(container) / stale).c_str());
  if (auto gone = os::remove_tree(runtime_root(container)); !gone) return gone;
  if (auto made = os::make_dirs(bundle(container) / "rootfs", 0755); !made) return made;
  if (auto made = os::make_dirs(layer / "upper", 0755); !made) return made;
  // The overlay's root has the owner of this one.
  if (first_id != 0)
    if (auto given = give_to_pod(layer / "upper", first_id); !given) return given;
  return os::make_dirs(layer / "work", 0700);
}

Result<std::string> Folders::overlay_options(const image::Image& image, const std::string& container,
                                             std::uint32_t attempt) const {
  const std::string layer = (writable(container) / std::to_string(attempt)).string();
  return overlay_of(image, ",upperdir=" + layer + "/upper,workdir=" + layer + "/work");
}

Result<sandbox::Overlay> Folders::image_overlay(const image::Image& image, const ContainerSpec& container,
                                                std::size_t index) const {
  const auto target = image_mount(container.name, index);
  const auto empty = writable(container.name) / std::to_string(container.attempt) / "empty";
  for (const auto& dir : {target, empty})
    if (auto made = os::make_dirs(dir, 0755); !made) return std::unexpected(made.error());
  auto options = overlay_of(image, ":" + empty.string());
  if (!options) return std::unexpected(options.error());
  return sandbox::Overlay{target, std::move(*options)};
}

Result<std::vector<Bind>> Folders::binds(const std::string& container,
                                         const std::vector<Mount>& mounts) const {
  std::vector<Bind> binds{{shm(), "/dev/shm", false},
                          {run_ / "hosts", "/etc/hosts", false},
                          {run_ / "hostname", "/etc/hostname", false},
                          {run_ / "resolv.conf", "/etc/resolv.conf", false}};
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const Mount& mount = mounts[i];
    if (mount.kind == Mount::Kind::host_path)
      if (auto usable = check_host_path(mount); !usable) return std::unexpected(usable.error());
    binds.push_back(bind(container, mount, i));
  }
  // A mount that the manifest puts at one of the pod's own places wins: it stands later and covers it.
  return binds;
}

Bind Folders::bind(const std::string& container, const Mount& mount, std::size_t index) const {
  switch (mount.kind) {
    case Mount::Kind::volume:
      return {volume(mount.source), mount.target, mount.read_only};
    case Mount::Kind::image:
      return {image_mount(container, index).string() + (mount.sub_path.empty() ? "" : "/") + mount.sub_path,
              mount.target, true, false, true};
    case Mount::Kind::host_path:
      break;
  }
  return {mount.source, mount.target, mount.read_only, true};
}

Result<void> Folders::remove() const {
  if (auto gone = os::remove_tree(run_); !gone) return gone;
  return os::remove_tree(state_);
}

}  // namespace podsd::engine

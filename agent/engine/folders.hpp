// SPDX-License-Identifier: Apache-2.0
// The folders and files that the engine keeps for a sandbox:
//
//   /run/podsd/pods/ID/            0700; sandbox.sock, sandbox.pid, hosts, hostname, resolv.conf, userns,
//   shm/ (the pod's /dev/shm) /run/podsd/pods/ID/c/NAME/     the bundle: config.json, rootfs/, pid, log
//   /var/lib/podsd/pods/ID/        volumes/NAME, containers/NAME/ATTEMPT/{upper,work}
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/engine/types.hpp"
#include "agent/image/store.hpp"
#include "agent/sandbox/client.hpp"

namespace podsd::engine {

class Folders {
 public:
  Folders(const Paths& paths, const std::string& id)
      : run_(paths.run / "pods" / id), state_(paths.state / "pods" / id) {}

  [[nodiscard]] const std::filesystem::path& run() const { return run_; }
  [[nodiscard]] std::filesystem::path sandbox_pid() const { return run_ / "sandbox.pid"; }
  [[nodiscard]] std::filesystem::path shm() const { return run_ / "shm"; }
  [[nodiscard]] std::filesystem::path bundle(const std::string& container) const {
    return run_ / "c" / container;
  }
  /// Where the runtime keeps what it knows of the container.
  [[nodiscard]] std::filesystem::path runtime_root(const std::string& container) const {
    return bundle(container) / "state";
  }
  [[nodiscard]] std::filesystem::path volume(const std::string& name) const {
    return state_ / "volumes" / name;
  }
  [[nodiscard]] std::filesystem::path writable(const std::string& container) const {
    return state_ / "containers" / container;
  }

  /// Where the image of the container's mount number `index` is mounted, in the container's start only.
  [[nodiscard]] std::filesystem::path image_mount(const std::string& container, std::size_t index) const {
    return bundle(container) / "images" / std::to_string(index);
  }

  /// Where the sandbox binds the pod's user namespace.
  [[nodiscard]] std::filesystem::path user_namespace() const { return run_ / "userns"; }

  /// Makes what a sandbox needs before it starts. A fresh pod's volumes are emptied.
  [[nodiscard]] Result<void> prepare(const SandboxSpec& spec) const;

  /// Makes bundle and writable layer of one start; those of earlier starts go. The
  /// layer belongs to the pod's root, the id `first_id`.
  [[nodiscard]] Result<void> prepare_container(const std::string& container, std::uint32_t attempt,
                                               std::uint32_t first_id) const;

  /// Data of the overlay mount for a container's root (kernel, filesystems/overlayfs.rst). Errors: longer
  /// than a page, the most that mount(2) takes.
  [[nodiscard]] Result<std::string> overlay_options(const image::Image& image, const std::string& container,
                                                    std::uint32_t attempt) const;

  /// The same for an image that is mounted read-only; prepares the mount's place. overlayfs wants two layers
  /// at least, so an empty one is the lowest.
  [[nodiscard]] Result<sandbox::Overlay> image_overlay(const image::Image& image,
                                                       const ContainerSpec& container,
                                                       std::size_t index) const;

  /// The binds of a container: the pod's own files first, then these mounts. Host paths are checked against
  /// their type, and made where the type says so (core/v1 HostPathVolumeSource).
  [[nodiscard]] Result<std::vector<Bind>> binds(const std::string& container,
                                                const std::vector<Mount>& mounts) const;

  /// The bind of one mount, the container's number `index`, unchecked.
  [[nodiscard]] Bind bind(const std::string& container, const Mount& mount, std::size_t index) const;

  /// Removes everything of the sandbox from the disk.
  [[nodiscard]] Result<void> remove() const;

 private:
  std::filesystem::path run_;
  std::filesystem::path state_;
};

}  // namespace podsd::engine

// SPDX-License-Identifier: Apache-2.0
#include "agent/image/workspace.hpp"

#include <sys/file.h>

#include <cerrno>

#include "agent/image/files.hpp"

namespace podsd::image {

Result<Workspace> Workspace::make(const Folders& folders, const std::string& pins) {
  Workspace workspace(folders);
  // Until the folder is locked and the pins are written, nobody may look for dead imports or unused layers.
  auto lock = folders.lock_layers();
  if (!lock) return std::unexpected(lock.error());
  workspace.name_ = random_name();
  auto fd = make_folder(folders.staging.get(), workspace.name_);
  if (!fd) return std::unexpected(fd.error());
  workspace.fd_ = std::move(*fd);
  if (::flock(workspace.fd(), LOCK_EX | LOCK_NB) != 0) return fail("cannot lock", workspace.name_, errno);
  if (auto written = write_new_file(workspace.fd(), "pins", pins); !written)
    return std::unexpected(written.error());
  return workspace;
}

Workspace::~Workspace() {
  if (fd_) (void)remove_tree(folders_.staging.get(), name_);
}

}  // namespace podsd::image

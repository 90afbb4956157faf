// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/image/folders.hpp"

namespace podsd::image {

/// A folder in staging/ for one import, export or check. Locked by this process and gone with the object; a
/// process that dies leaves it unlocked. Its file "pins" names layers and blobs of the store, one a line,
/// that are not collected meanwhile.
class Workspace {
 public:
  /// `folders` must outlive it. What the pins name and is there now stays there.
  [[nodiscard]] static Result<Workspace> make(const Folders& folders, const std::string& pins);
  Workspace(Workspace&&) noexcept = default;
  Workspace& operator=(Workspace&&) = delete;
  ~Workspace();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  explicit Workspace(const Folders& folders) : folders_(folders) {}

  const Folders& folders_;
  std::string name_;
  UniqueFd fd_;
};

}  // namespace podsd::image

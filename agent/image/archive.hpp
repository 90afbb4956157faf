// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <optional>

#include "agent/image/reader.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// A libarchive reading handle that pulls its bytes from a Reader. The caller chooses filters and formats on
/// get() before open(). Stays where it is: libarchive keeps a pointer to it.
class ArchiveInput {
 public:
  /// `reader` must outlive the handle.
  explicit ArchiveInput(Reader& reader);
  ArchiveInput(const ArchiveInput&) = delete;
  ArchiveInput& operator=(const ArchiveInput&) = delete;

  [[nodiscard]] archive* get() const { return archive_.get(); }
  [[nodiscard]] Result<void> open();

  /// Why the last call failed: the reader's own error if it had one, otherwise libarchive's.
  [[nodiscard]] Error error(const std::string& what) const;

 private:
  static la_ssize_t read(archive* handle, void* self, const void** buffer);

  struct Free {
    void operator()(archive* handle) const { archive_read_free(handle); }
  };
  Reader& reader_;
  std::optional<Error> error_;
  std::unique_ptr<archive, Free> archive_;
};

}  // namespace podsd::image

// SPDX-License-Identifier: Apache-2.0
#include "agent/image/archive.hpp"

#include <new>

namespace podsd::image {

ArchiveInput::ArchiveInput(Reader& reader) : reader_(reader), archive_(archive_read_new()) {
  if (!archive_) throw std::bad_alloc();
}

la_ssize_t ArchiveInput::read(archive* handle, void* self, const void** buffer) {
  try {
    auto* input = static_cast<ArchiveInput*>(self);
    auto bytes = input->reader_.next();
    if (bytes) {
      *buffer = bytes->data();
      return static_cast<la_ssize_t>(bytes->size());
    }
    input->error_ = std::move(bytes.error());
    archive_set_error(handle, EIO, "reading failed");
  } catch (...) {
    archive_set_error(handle, ENOMEM, "out of memory");
  }
  return -1;
}

Result<void> ArchiveInput::open() {
  if (archive_read_open(get(), this, nullptr, &ArchiveInput::read, nullptr) != ARCHIVE_OK)
    return std::unexpected(error("cannot read archive"));
  return {};
}

Error ArchiveInput::error(const std::string& what) const {
  if (error_) return *error_;
  const char* text = archive_error_string(get());
  return Error{what, text != nullptr ? text : "", 0, nullptr};
}

}  // namespace podsd::image

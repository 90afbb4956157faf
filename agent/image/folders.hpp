// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "agent/image/record.hpp"
#include "agent/os/unique_fd.hpp"
#include "spec/result.hpp"

namespace podsd::image {

/// The folders of a store; store.hpp says what is in them.
struct Folders {
  std::filesystem::path path;  ///< of the root
  UniqueFd root, names, layers, links, blobs, holds, staging, trash;

  [[nodiscard]] static Result<Folders> open(const std::filesystem::path& root);

  /// Exclusive: names change.
  [[nodiscard]] Result<UniqueFd> lock_names() const;
  /// Shared, and short: somebody begins to use layers, so that none is moved out meanwhile.
  [[nodiscard]] Result<UniqueFd> lock_layers() const;
};

/// One record of names/. ENOENT where there is none.
[[nodiscard]] Result<Record> read_record(int names, const std::string& file,
                                         const std::filesystem::path& root);

/// When a container last began or ended with the image of that name, else when it came; CLOCK_REALTIME.
[[nodiscard]] std::int64_t last_used(int names, const Record& record);

/// All records, unsorted; one that vanishes meanwhile is left out. Errors: one that cannot be read.
[[nodiscard]] Result<std::vector<Record>> read_records(int names, const std::filesystem::path& root);

/// Moves out of the way what nobody uses: leftovers of dead imports, layers and blobs that no record, hold or
/// import names, links to nothing. Only with lock_names held. Where a record cannot be read, all of them
/// stay.
[[nodiscard]] Result<void> collect(const Folders& folders);

/// Deletes what collect() moved away; best without a lock. What cannot be deleted waits for the next time.
void empty_trash(const Folders& folders);

}  // namespace podsd::image

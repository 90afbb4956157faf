// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/cli/command.hpp"

namespace podsd::cli {

struct CopyOptions {
  std::string source;     ///< PATH, POD:PATH, NS/POD:PATH, or - for a tar archive on standard input
  std::string target;     ///< the same, - for one on standard output
  std::string container;  ///< empty: the first
  std::string ns = "default";
};

/// `podsctl cp`: one of the two is in a container. A target that is a folder gets the source below it under
/// its own name, any other is the new name; "FOLDER/." stands for what is in a folder. In the container files
/// belong to the user that it runs as, outside to the caller. The side in the container is walked by file
/// descriptor from its root (openat2(2), RESOLVE_IN_ROOT and NO_MAGICLINKS), by a process that keeps no
/// capabilities but those over files.
int copy(const CopyOptions& options, const Connect& connect, const Terminal& terminal);

/// Of "POD:PATH" or "NS/POD:PATH"; none for a path of this machine, which begins with '/' or '.', or has no
/// colon.
struct RemotePath {
  std::string ns, pod, path;
  bool operator==(const RemotePath&) const = default;
};
[[nodiscard]] std::optional<RemotePath> remote_path(const std::string& word, const std::string& ns);

/// The name that a copy gets: the last component; empty for "", "/", "." and whatever ends in "/." or "..".
[[nodiscard]] std::string base_name(std::string_view path);

}  // namespace podsd::cli

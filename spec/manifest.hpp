// SPDX-License-Identifier: Apache-2.0
// spec/ owns the manifest language: from the bytes of a file to Pods and every diagnostic that the file
// deserves. It is pure: it opens no file, reads no clock and no environment, and knows nothing of systemd.
// yaml-cpp is used inside one source file only, as an event parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/pod.hpp"

namespace podsd::spec {

enum class Severity { error, warning };

/// One finding about a manifest.
struct Diagnostic {
  Severity severity = Severity::error;
  std::string file;     ///< as given to parse_manifest
  Position position;    ///< {0,0} where the finding is about the whole file
  std::string field;    ///< "spec.containers[0].image"; empty where no field is concerned
  std::string message;  ///< what was found and what was expected

  /// "file:line:column: error: field: message"; position and field are left out where unknown.
  [[nodiscard]] std::string text() const;
};

/// Everything one file says.
struct Manifest {
  std::vector<Pod> pods;                ///< only the documents without an error
  std::vector<Diagnostic> diagnostics;  ///< in order of position
  [[nodiscard]] bool ok() const;        ///< no diagnostic is an error
};

/// Most bytes that a manifest may have (1 MiB); a longer one is refused before it is parsed.
inline constexpr std::size_t max_manifest_bytes = 1U << 20;

/// Reads a manifest: YAML 1.2 or JSON, one or more documents, each a core/v1 Pod.
/// `file` is used in diagnostics only. Never throws for bad input, never loops on it.
[[nodiscard]] Manifest parse_manifest(std::string_view text, const std::string& file);

}  // namespace podsd::spec

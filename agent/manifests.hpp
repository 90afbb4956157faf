// SPDX-License-Identifier: Apache-2.0
// Which file owns which pod. Pure: it is told of files and says what follows for pods.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "spec/pod.hpp"

namespace podsd::agent {

/// "namespace/name"
[[nodiscard]] std::string pod_key(const spec::Pod& pod);

/// What a file says now. With an error nothing of the file counts, not even its good documents.
struct FileContent {
  std::vector<spec::Pod> pods;
  std::string error;
};

struct PodApplied {
  std::string key;
  std::string path;
  spec::Pod pod;
};
struct PodRefused {
  std::string key;
  std::string path;
  std::string error;
};
struct PodGone {
  std::string key;
};
/// The file is refused and no pod came from it.
struct FileRefused {
  std::string path;
  std::string error;
};
/// Two files name one pod: the one whose pod runs keeps it.
struct PodTaken {
  std::string key;
  std::string path;
  std::string owner;
};

using PodChange = std::variant<PodApplied, PodRefused, PodGone, FileRefused, PodTaken>;

class Manifests {
 public:
  /// Before the first scan: a pod that an earlier agent ran from this file.
  void seed(const std::string& path, const spec::Pod& pod);

  /// The file's content changed; nullopt: the file is gone.
  [[nodiscard]] std::vector<PodChange> update(const std::string& path, std::optional<FileContent> content);

  /// Every known file: after a scan, those that it did not find are gone.
  [[nodiscard]] std::vector<std::string> files() const;

 private:
  std::vector<PodChange> refuse(const std::string& path, const std::string& error);
  void release(const std::string& key, const std::string& path, std::vector<PodChange>& changes);

  std::map<std::string, std::vector<spec::Pod>> good_;  ///< by path: what last was valid
  std::map<std::string, std::string> owners_;           ///< by pod: path
};

}  // namespace podsd::agent

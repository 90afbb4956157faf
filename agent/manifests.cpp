// SPDX-License-Identifier: Apache-2.0
#include "agent/manifests.hpp"

#include <algorithm>
#include <utility>

namespace podsd::agent {

std::string pod_key(const spec::Pod& pod) {
  return pod.ns + "/" + pod.name;
}

void Manifests::seed(const std::string& path, const spec::Pod& pod) {
  good_[path].push_back(pod);
  owners_[pod_key(pod)] = path;
}

std::vector<PodChange> Manifests::update(const std::string& path, std::optional<FileContent> content) {
  if (content && !content->error.empty()) return refuse(path, content->error);
  const std::vector<spec::Pod> before =
      std::exchange(good_[path], content ? content->pods : std::vector<spec::Pod>{});
  const std::vector<spec::Pod> after = good_[path];
  if (!content) good_.erase(path);

  std::vector<PodChange> changes;
  for (const spec::Pod& pod : after) {
    const std::string key = pod_key(pod);
    const std::string& owner = owners_.try_emplace(key, path).first->second;
    if (owner == path)
      changes.emplace_back(PodApplied{key, path, pod});
    else
      changes.emplace_back(PodTaken{key, path, owner});
  }
  for (const spec::Pod& pod : before) {
    const std::string key = pod_key(pod);
    const bool still = std::ranges::any_of(after, [&](const spec::Pod& p) { return pod_key(p) == key; });
    if (!still) release(key, path, changes);
  }
  return changes;
}

std::vector<PodChange> Manifests::refuse(const std::string& path, const std::string& error) {
  good_.try_emplace(path);
  std::vector<PodChange> changes;
  for (const auto& [key, owner] : owners_)
    if (owner == path) changes.emplace_back(PodRefused{key, path, error});
  if (changes.empty()) changes.emplace_back(FileRefused{path, error});
  return changes;
}

/// `path` no longer names the pod: another file that does takes over, else the pod is gone.
void Manifests::release(const std::string& key, const std::string& path, std::vector<PodChange>& changes) {
  const auto owner = owners_.find(key);
  if (owner == owners_.end() || owner->second != path) return;
  for (const auto& [other, pods] : good_) {
    const auto pod = std::ranges::find_if(pods, [&](const spec::Pod& p) { return pod_key(p) == key; });
    if (pod == pods.end() || other == path) continue;
    owner->second = other;
    changes.emplace_back(PodApplied{key, other, *pod});
    return;
  }
  owners_.erase(owner);
  changes.emplace_back(PodGone{key});
}

std::vector<std::string> Manifests::files() const {
  std::vector<std::string> paths;
  for (const auto& [path, pods] : good_) paths.push_back(path);
  return paths;
}

}  // namespace podsd::agent

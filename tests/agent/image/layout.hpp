// SPDX-License-Identifier: Apache-2.0
// A scratch folder, and OCI layouts and docker archives written into it.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/image/store.hpp"
#include "tests/agent/image/tar.hpp"

namespace podsd::test {

using Json = nlohmann::json;

class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::filesystem::path path;
};

std::string slurp(const std::filesystem::path& path);
void spill(const std::filesystem::path& path, const std::string& text);

/// Everything below a folder as sorted lines: path, type, mode, owner, size, mtime, link target, xattrs, a
/// digest.
std::vector<std::string> describe(const std::filesystem::path& root);

struct ImageText {
  std::vector<std::string> layers;  ///< tar files, lowest first
  std::string compression = "gzip";
  Json config = Json::object();  ///< the "config" member
  std::string tag = "1";
  /// Chances to lie; the digests of what refers to the edited part still fit.
  std::function<void(Json&)> edit_config = [](Json&) {};
  std::function<void(Json&)> edit_manifest = [](Json&) {};
  std::function<void(Json&)> edit_index = [](Json&) {};
};

/// Writes (or adds to) an OCI layout.
void write_layout(const std::filesystem::path& dir, const ImageText& image);

/// "sha256:…" of a blob that is written into a layout.
std::string write_blob(const std::filesystem::path& dir, const std::string& bytes);

/// What docker save writes.
std::string docker_archive(const ImageText& image, const std::vector<std::string>& tags);

/// Opens a store; fails the test if that fails.
image::Store open_store(const std::filesystem::path& root);

/// Why it failed, "" if it did not.
template <typename T>
std::string message_of(const Result<T>& result) {
  return result ? "" : result.error().message();
}

/// The message of a failed import, "" if it succeeded.
std::string import_error(image::Store& store, const std::string& source,
                         const std::string& name = "localhost/t:1");

}  // namespace podsd::test

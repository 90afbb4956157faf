// SPDX-License-Identifier: Apache-2.0
#include "agent/image/verify.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>

#include "agent/image/digest.hpp"
#include "agent/image/files.hpp"
#include "agent/image/folders.hpp"
#include "agent/image/snapshotter.hpp"
#include "agent/image/tree_digest.hpp"
#include "agent/image/workspace.hpp"

namespace podsd::image {
namespace {

Result<std::string> digest_of_file(int dir, const std::string& name) {
  const UniqueFd fd(::openat(dir, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return fail("cannot open", {}, errno);
  Sha256 hash;
  std::vector<char> buffer(1U << 18);
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n == 0) return hash.hex();
    if (n < 0 && errno != EINTR) return fail("cannot read", {}, errno);
    if (n > 0) hash.update(buffer.data(), static_cast<std::size_t>(n));
  }
}

class Check {
 public:
  explicit Check(const Folders& folders) : folders_(folders) {}

  Result<Verified> run() {
    auto layers = names_in(folders_.layers.get());
    auto blobs = names_in(folders_.blobs.get());
    if (!layers || !blobs) return std::unexpected((layers ? blobs : layers).error());
    auto workspace = Workspace::make(folders_, pins(*layers) + pins(*blobs));
    if (!workspace) return std::unexpected(workspace.error());
    if (auto read = read_names(); !read) return std::unexpected(read.error());
    for (const std::string& blob : *blobs) check_blob(blob);
    for (const std::string& layer : *layers) check_layer(layer);
    for (const Record& record : records_) check_parts(record);
    std::ranges::sort(out_.damage, {}, &Damage::what);
    return std::move(out_);
  }

 private:
  static std::string pins(const std::vector<std::string>& keys) {
    std::string text;
    for (const std::string& key : keys) text += key + "\n";
    return text;
  }

  Result<void> read_names() {
    auto files = names_in(folders_.names.get());
    if (!files) return std::unexpected(files.error());
    for (const std::string& file : *files) {
      auto record = read_record(folders_.names.get(), file, folders_.path);
      if (!record && record.error().code == ENOENT) continue;
      ++out_.images;
      if (!record) {
        out_.damage.push_back({"names/" + file + ": " + record.error().message(), {}});
        continue;
      }
      for (const LayerName& layer : record->layers) users_[layer.key].insert(record->image.name);
      for (const std::string& blob : record->blobs) users_[blob].insert(record->image.name);
      records_.push_back(std::move(*record));
    }
    return {};
  }

  void damaged(const std::string& key, const std::string& what) {
    const auto& names = users_[key];
    out_.damage.push_back({what, {names.begin(), names.end()}});
  }

  /// Gone since the folder was read: nobody used it.
  [[nodiscard]] static bool is_gone(int dir, const std::string& name) {
    return ::faccessat(dir, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
  }

  void check_blob(const std::string& hex) {
    const auto found = digest_of_file(folders_.blobs.get(), hex);
    if (!found && is_gone(folders_.blobs.get(), hex)) return;
    ++out_.blobs;
    if (!found) return damaged(hex, "blob sha256:" + hex + ": " + found.error().message());
    if (*found != hex) damaged(hex, "blob sha256:" + hex + ": its bytes have the digest sha256:" + *found);
  }

  void check_layer(const std::string& key) {
    const std::string name = "layer sha256:" + key;
    const auto layer = open_layer(folders_.layers.get(), key);
    if (!layer && is_gone(folders_.layers.get(), key)) return;
    ++out_.layers;
    const auto info = layer ? read_info(layer->get()) : Result<LayerInfo>(std::unexpected(layer.error()));
    if (!info) return damaged(key, name + ": not complete");
    if (info->tree.empty())
      return damaged(key, name + ": unpacked by an earlier podsd, which recorded no digest");
    const auto root = open_tree(folders_.layers.get(), key);
    if (!root && is_gone(folders_.layers.get(), key)) return;
    if (!root && root.error().code == ENOENT) return damaged(key, name + ": not complete");
    if (!root) return damaged(key, name + ": " + root.error().message());
    const auto tree = tree_digest(root->get());
    if (!tree && is_gone(folders_.layers.get(), key)) return;
    if (!tree) return damaged(key, name + ": " + tree.error().message());
    if (*tree != info->tree) damaged(key, name + ": its files are not what was unpacked");
  }

  void check_parts(const Record& record) {
    const auto missing = [&](int dir, const std::string& key, const std::string& kind) {
      if (!is_gone(dir, key)) return;
      // The image may have been removed while the rest was read.
      if (!is_gone(folders_.names.get(), record_file(record.image.name)))
        out_.damage.push_back({kind + " sha256:" + key + ": missing", {record.image.name}});
    };
    for (const std::string& blob : record.blobs) missing(folders_.blobs.get(), blob, "blob");
    for (const LayerName& layer : record.layers) {
      missing(folders_.layers.get(), layer.key, "layer");
      struct stat st {};
      if (::fstatat(folders_.links.get(), layer.link.c_str(), &st, 0) != 0 || !S_ISDIR(st.st_mode))
        missing(folders_.links.get(), layer.link, "link of layer");
    }
  }

  const Folders& folders_;
  std::vector<Record> records_;
  std::map<std::string, std::set<std::string>> users_;  ///< by key: names of images
  Verified out_;
};

}  // namespace

Result<Verified> verify(const Store& store) {
  auto folders = Folders::open(store.root());
  if (!folders) return std::unexpected(folders.error());
  return Check(*folders).run();
}

}  // namespace podsd::image

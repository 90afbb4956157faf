// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/image/layout.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "agent/image/digest.hpp"
#include "agent/image/manifest.hpp"

namespace podsd::test {
namespace fs = std::filesystem;

Scratch::Scratch() {
  // Not /tmp itself: user.* xattrs need a real file system.
  char name[] = "/var/tmp/podsd-image-XXXXXX";
  path = ::mkdtemp(name);
}

Scratch::~Scratch() {
  std::error_code error;
  fs::remove_all(path, error);
}

std::string slurp(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void spill(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

namespace {

std::string xattrs_of(const fs::path& path) {
  char names[4096];
  const ssize_t size = ::llistxattr(path.c_str(), names, sizeof names);
  std::vector<std::string> found;
  for (ssize_t i = 0; i < size; i += static_cast<ssize_t>(std::string(names + i).size()) + 1) {
    char value[4096];
    const ssize_t length = ::lgetxattr(path.c_str(), names + i, value, sizeof value);
    found.push_back(std::string(names + i) + "=" +
                    image::sha256_hex({value, static_cast<std::size_t>(length)}));
  }
  std::ranges::sort(found);
  std::string text;
  for (const auto& item : found) text += " " + item;
  return text;
}

}  // namespace

std::vector<std::string> describe(const fs::path& root) {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    struct stat st {};
    ::lstat(entry.path().c_str(), &st);
    std::ostringstream line;
    line << entry.path().lexically_relative(root).string() << std::oct << " " << st.st_mode << std::dec << " "
         << st.st_uid << ":" << st.st_gid << " " << st.st_mtim.tv_sec;
    if (S_ISREG(st.st_mode)) line << " " << st.st_nlink << " " << image::sha256_hex(slurp(entry.path()));
    if (S_ISLNK(st.st_mode)) line << " -> " << fs::read_symlink(entry.path()).string();
    lines.push_back(line.str() + xattrs_of(entry.path()));
  }
  std::ranges::sort(lines);
  return lines;
}

std::string write_blob(const fs::path& dir, const std::string& bytes) {
  const std::string hex = image::sha256_hex(bytes);
  spill(dir / "blobs/sha256" / hex, bytes);
  return "sha256:" + hex;
}

namespace {

Json config_of(const ImageText& image) {
  Json ids = Json::array();
  for (const auto& layer : image.layers) ids.push_back("sha256:" + image::sha256_hex(layer));
  Json config{{"architecture", image::node_architecture()},
              {"os", "linux"},
              {"config", image.config},
              {"rootfs", {{"type", "layers"}, {"diff_ids", ids}}}};
  image.edit_config(config);
  return config;
}

Json descriptor(const std::string& type, const std::string& digest, std::size_t size) {
  return {{"mediaType", "application/vnd.oci.image." + type}, {"digest", digest}, {"size", size}};
}

}  // namespace

void write_layout(const fs::path& dir, const ImageText& image) {
  const std::string suffix = image.compression == "none" ? "" : "+" + image.compression;
  Json layers = Json::array();
  for (const auto& layer : image.layers) {
    const std::string blob = compress(layer, image.compression);
    layers.push_back(descriptor("layer.v1.tar" + suffix, write_blob(dir, blob), blob.size()));
  }
  const std::string config = config_of(image).dump();
  Json manifest{{"schemaVersion", 2},
                {"config", descriptor("config.v1+json", write_blob(dir, config), config.size())},
                {"layers", layers}};
  image.edit_manifest(manifest);
  const std::string text = manifest.dump();
  Json entry = descriptor("manifest.v1+json", write_blob(dir, text), text.size());
  if (!image.tag.empty()) entry["annotations"] = {{"org.opencontainers.image.ref.name", image.tag}};

  Json index{{"schemaVersion", 2}, {"manifests", Json::array()}};
  if (fs::exists(dir / "index.json")) index = Json::parse(slurp(dir / "index.json"));
  index["manifests"].push_back(entry);
  image.edit_index(index);
  spill(dir / "index.json", index.dump());
  spill(dir / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
}

std::string docker_archive(const ImageText& image, const std::vector<std::string>& tags) {
  std::vector<Entry> entries;
  Json names = Json::array();
  for (const auto& layer : image.layers) {
    const std::string name = image::sha256_hex(layer) + ".tar";
    names.push_back(name);
    entries.push_back(file(name, compress(layer, image.compression)));
  }
  const std::string config = config_of(image).dump();
  const std::string config_name = image::sha256_hex(config) + ".json";
  entries.push_back(file(config_name, config));
  Json manifest = Json::array({{{"Config", config_name}, {"RepoTags", tags}, {"Layers", names}}});
  image.edit_manifest(manifest);
  entries.push_back(file("manifest.json", manifest.dump()));
  return tar(entries);
}

image::Store open_store(const fs::path& root) {
  auto store = image::Store::open(root);
  if (!store) BOOST_FAIL("cannot open store: " << store.error().message());
  return std::move(*store);
}

std::string import_error(image::Store& store, const std::string& source, const std::string& name) {
  const auto image = store.import(source, name);
  return image ? "" : image.error().message();
}

}  // namespace podsd::test

// SPDX-License-Identifier: Apache-2.0
// podsd-image-gc, the command of podsd-image-gc.service: deletes what is in the trash of /var/lib/podsd and,
// where the disk is too full, images that nobody needs. The agent starts it when it is time.
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "agent/image/gc_request.hpp"
#include "agent/image/usage.hpp"
#include "agent/os/files.hpp"

namespace {

using namespace podsd;
using std::filesystem::path;

constexpr std::size_t max_request = 16U << 20;

std::int64_t now_usec() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

void empty_trash(const path& trash) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(trash, error))
    if (auto gone = os::remove_tree(entry.path()); !gone)
      std::fprintf(stderr, "<4>%s\n", gone.error().message().c_str());
}

Result<void> collect(const path& run, const path& state) {
  const auto text = os::read_file(run / image::gc_request_file, max_request);
  if (!text) return std::unexpected(text.error());
  const auto request = image::parse_gc_request(*text);
  if (!request) return std::unexpected(request.error());
  empty_trash(state / image::state_trash);
  auto store = image::Store::open(state / "images");
  if (!store) return std::unexpected(store.error());
  const auto disk = image::disk_of(store->root());
  if (!disk) return std::unexpected(disk.error());
  const std::uint64_t bytes = policies::bytes_to_free(request->config, disk->capacity, disk->available);
  if (bytes == 0) return {};
  auto uses = image::image_uses(*store, request->named);
  if (!uses) return std::unexpected(uses.error());
  const auto unused = policies::collectable(std::move(*uses), request->config, now_usec());
  const auto freed = image::remove_images(*store, unused, bytes, [](const policies::ImageUse& image) {
    for (const std::string& name : image.names) std::printf("<6>removed image %s\n", name.c_str());
  });
  if (!freed) return std::unexpected(freed.error());
  if (*freed < bytes)
    return fail("the disk is too full: " + std::to_string(bytes) + " bytes had to go, images gave " +
                std::to_string(*freed));
  return {};
}

}  // namespace

int main() {
  const auto collected = collect("/run/podsd", "/var/lib/podsd");
  if (collected) return 0;
  std::fprintf(stderr, "<3>%s\n", collected.error().message().c_str());
  return 1;
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/image_gc.hpp"

#include <syslog.h>

#include <system_error>

#include "agent/image/files.hpp"
#include "agent/image/gc_request.hpp"
#include "agent/image/usage.hpp"
#include "agent/journal.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* unit = "podsd-image-gc.service";
/// kubelet: ImageGCPeriod
constexpr auto period = std::chrono::minutes(5);
constexpr auto pause_after_failure = std::chrono::minutes(1);

}  // namespace

void ImageGc::check(bool again) {
  if (running_) return;
  const auto disk = image::disk_of(paths_.state);
  if (!disk) return journal::write(LOG_WARNING, disk.error().message(), {});
  timer_.cancel();
  if (policies::near_threshold(config_, disk->capacity, disk->available)) {
    timer_.expires_after(period);
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) check();
    });
  }
  const bool full = policies::bytes_to_free(config_, disk->capacity, disk->available) > 0;
  if (full && (again || Clock::now() >= not_before_)) run();
}

void ImageGc::run() {
  const std::string request = image::gc_request_text({config_, named_()});
  if (auto written = os::replace_file(paths_.run / image::gc_request_file, request); !written)
    return journal::write(LOG_ERR, "cannot collect images: " + written.error().message(), {});
  running_ = true;
  systemd_.start_unit(unit, nullptr, [this](const Result<void>& result) { ended(result); });
}

void ImageGc::ended(const Result<void>& result) {
  running_ = false;
  if (result) return;
  not_before_ = Clock::now() + pause_after_failure;
  journal::write(LOG_WARNING, "cannot collect images: " + result.error().message(),
                 {{"OBJECT_SYSTEMD_UNIT", unit}});
}

void ImageGc::remove_dead_sandboxes(const std::set<std::string>& sandboxes) {
  const auto trash = paths_.state / image::state_trash;
  std::error_code error;
  for (const auto& folder : std::filesystem::directory_iterator(paths_.state / "pods", error)) {
    const std::string id = folder.path().filename();
    if (sandboxes.contains(id) || std::filesystem::exists(paths_.run / "pods" / id, error)) continue;
    if (auto made = os::make_dirs(trash, 0700); !made)
      return journal::write(LOG_WARNING, made.error().message(), {});
    std::filesystem::rename(folder.path(), trash / (id + "." + image::random_name()), error);
    if (error) journal::write(LOG_WARNING, "cannot clean up " + id + ": " + error.message(), {});
  }
  if (!std::filesystem::is_empty(trash, error) && !error && !running_) run();
}

}  // namespace podsd::engine

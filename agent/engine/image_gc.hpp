// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <set>
#include <string>

#include "agent/engine/types.hpp"
#include "policies/image_gc.hpp"
#include "units/systemd.hpp"

namespace podsd::engine {

/// Sees to it that images do not fill the disk, by a service of its own (podsd-image-gc.service): deleting
/// takes long. The disk is looked at when something happened that may have filled it, and, as the kubelet
/// does, every five minutes, but only while it is fuller than the low threshold.
class ImageGc {
 public:
  /// `named` gives the image references of all pods.
  ImageGc(boost::asio::io_context& io, units::Systemd& systemd, const Paths& paths,
          policies::ImageGcConfig config, std::function<std::set<std::string>()> named)
      : timer_(io), systemd_(systemd), paths_(paths), config_(std::move(config)), named_(std::move(named)) {}

  /// Looks at the disk, and collects where it is too full. `again`: also where that did not help a minute ago.
  void check(bool again = true);

  /// Moves the folders of sandboxes that are not among these, and of which nothing runs, out of the way, and
  /// has them deleted: dead writable layers and volumes, at the agent's start.
  void remove_dead_sandboxes(const std::set<std::string>& sandboxes);

 private:
  void run();
  void ended(const Result<void>& result);

  boost::asio::steady_timer timer_;
  units::Systemd& systemd_;
  Paths paths_;
  policies::ImageGcConfig config_;
  std::function<std::set<std::string>()> named_;
  bool running_ = false;
  std::chrono::steady_clock::time_point not_before_;  ///< after one that did not free enough
};

}  // namespace podsd::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/engine/types.hpp"
#include "agent/image/store.hpp"
#include "units/systemd.hpp"

namespace podsd::engine {

/// Brings images from registries into the store, each by a service of its own (podsd-pull@NAME.service), so
/// that neither the transfer nor the unpacking happens in the agent, and both outlive it. One pull per image,
/// however many wait for it. Files: RUN/pulls/NAME/{request,auth.json,error}, and the transfer's folder
/// below /var/cache/private/podsd/pulls, which systemd makes for the service's user.
class Pulls {
 public:
  using Progress = std::function<void(const std::string& text)>;

  Pulls(units::Systemd& systemd, image::Store& images, const Paths& paths)
      : systemd_(systemd), images_(images), run_(paths.run / "pulls") {}

  /// Pulls `reference`, whether the store has it or not; a pull of it that is under way is joined, also one
  /// of an earlier agent. `progress` may be called before `done`, with a few words of how far it is; `done`
  /// is called once; both from the loop. Errors: one line of what went wrong.
  void pull(const std::string& reference, Progress progress, units::Done<void> done);

  /// Removes what earlier pulls left: at the agent's start.
  void sweep();

 private:
  struct Waiting {
    std::vector<std::pair<Progress, units::Done<void>>> callers;
    std::string progress;  ///< what was told last
  };

  void begin(const std::string& reference);
  void tell(const std::string& reference, const std::string& status);
  [[nodiscard]] Result<void> write_request(const std::string& name, const std::string& reference) const;
  void ended(const std::string& reference, const Result<void>& result);
  [[nodiscard]] std::string failure(const std::string& name, const Error& otherwise) const;
  void remove_folders(const std::string& name) const;

  units::Systemd& systemd_;
  image::Store& images_;
  std::filesystem::path run_;
  std::map<std::string, Waiting> waiting_;  ///< by normalized reference
};

}  // namespace podsd::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

#include "agent/engine/sandbox.hpp"
#include "agent/image/user.hpp"

namespace podsd::engine {

/// One start of one container, from the image to its first instruction. Keeps itself alive until `done` was
/// called: bundle → runtime behind a gate → scope → gate open → the runtime's word that the process runs.
class Start : public std::enable_shared_from_this<Start> {
 public:
  Start(std::shared_ptr<Sandbox> sandbox, ContainerSpec spec, Started done)
      : sandbox_(std::move(sandbox)),
        spec_(std::move(spec)),
        done_(std::move(done)),
        deadline_(sandbox_->context().io) {}

  /// Without a `done` everything but the gate's opening, which then waits for take_over().
  void begin();

  /// Whoever asks for this very container carries on with it. False where it has failed meanwhile, or is
  /// another one.
  [[nodiscard]] bool take_over(const ContainerSpec& spec, const Started& done);
  /// Nobody will take it over: what waits behind its gate exits. `done` is called, perhaps at once, when no
  /// job of its scope is under way: PID 1 may never notice the end of processes whose scope's start it
  /// cancels.
  void abandon(std::function<void()> done);
  [[nodiscard]] const std::string& scope() const { return spec_.scope.name; }

 private:
  [[nodiscard]] bool find_images();
  [[nodiscard]] Result<void> resolve_sub_paths();
  [[nodiscard]] Result<void> mount_images(sandbox::SpawnRequest& request) const;
  [[nodiscard]] Result<sandbox::SpawnRequest> write_bundle();
  [[nodiscard]] Result<void> put_command(sandbox::SpawnRequest& request, const std::string& bundle) const;
  [[nodiscard]] Result<void> hold_streams(sandbox::SpawnRequest& request, bool opens_outputs);
  [[nodiscard]] Result<void> check_user();
  [[nodiscard]] Result<void> write_config();
  [[nodiscard]] std::string cgroups_path() const;
  void spawn(sandbox::SpawnRequest request);
  void start_scope(bool again);
  void open_gate();
  void runtime_ended(int wait_status);
  void end();
  void fail_with(StartFailure::Stage stage, Error error, std::string image = {});

  std::shared_ptr<Sandbox> sandbox_;
  ContainerSpec spec_;
  Started done_;
  boost::asio::steady_timer deadline_;
  sandbox::Started process_;
  /// The one that it runs, then one for each of its mounts of images.
  std::vector<image::Image> images_;
  std::vector<Mount> mounts_;  ///< of spec_, without links in their subPaths
  image::UserInfo user_;
  bool held_ = false;      ///< the sandbox holds its streams
  bool scoping_ = false;   ///< PID 1 is asked for its scope
  bool in_scope_ = false;  ///< what is left is the gate
  bool over_ = false;      ///< failed or abandoned
  std::function<void()> abandoned_;
};

}  // namespace podsd::engine

// SPDX-License-Identifier: Apache-2.0
// agent/ owns everything that touches the world. Agent puts its parts together: the folder of manifests, one
// worker per pod, the engine, the bus. It decides nothing about a single pod; units/ does.
#pragma once

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>

#include "agent/engine/engine.hpp"
#include "agent/engine/image_gc.hpp"
#include "agent/image_watch.hpp"
#include "agent/manifest_dir.hpp"
#include "agent/manifests.hpp"
#include "agent/network/pod_networks.hpp"
#include "agent/worker.hpp"
#include "dbus/service.hpp"
#include "dbus/systemd_client.hpp"

namespace podsd::agent {

struct Options {
  engine::Paths paths;
  units::NodeFacts node;
  engine::Runtimes runtimes;  ///< of podsd.yaml
  spec::NetworkConfig network;
  policies::ImageGcConfig image_gc;  ///< of podsd.yaml
  std::string bus_address;           ///< empty: the system bus
};

class Agent {
 public:
  Agent(boost::asio::io_context& io, Options options);

  /// Opens the image store, watches the folders, connects to the bus. The rest follows from the loop: as soon
  /// as the bus answers, pods of an earlier agent are taken up, the manifests are read, and `ready` is
  /// called. Errors: whatever makes an agent pointless.
  [[nodiscard]] Result<void> start(std::function<void()> ready);

  /// Reads every manifest again.
  void scan();

 private:
  units::SystemdEvents systemd_events();
  engine::Events engine_events();
  dbus::Handlers handlers();
  [[nodiscard]] Result<void> open_networks();
  [[nodiscard]] std::vector<policies::NamedPod> named_pods() const;
  void names_served(const std::set<spec::IpPrefix>& at);
  void connected();
  void take_up();
  void end_strangers();
  void release_sandboxes();
  [[nodiscard]] std::set<std::string> named_images() const;
  void files_changed(const std::set<std::string>& names);
  void file_changed(const std::string& name);
  void apply(const std::vector<PodChange>& changes);
  void apply_one(const PodApplied& change);
  void apply_one(const PodRefused& change);
  void apply_one(const PodGone& change);
  void apply_one(const FileRefused& change);
  void apply_one(const PodTaken& change);
  [[nodiscard]] std::string port_conflict(const PodApplied& change) const;
  [[nodiscard]] bool refuse_ports(const PodApplied& change);
  void retry_ports();
  void request_stop(const std::string& unit);
  void stop_asked(const std::string& unit);
  void changed(const std::string& key);
  void forgotten(const std::string& key);
  [[nodiscard]] Worker* find(const std::string& key);
  [[nodiscard]] Worker* find_sandbox(const std::string& id);
  [[nodiscard]] std::string list(const std::string& ns) const;

  boost::asio::io_context& io_;
  Options options_;
  std::optional<image::Store> images_;
  std::unique_ptr<dbus::Connection> bus_;
  network::Lane lane_;
  std::optional<network::NameServer> names_;  ///< on pods' gateways
  dbus::ResolverLink told_;                   ///< systemd-resolved knows that
  std::optional<network::PodNetworks> networks_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::ImageGc> image_gc_;
  std::unique_ptr<Shell> shell_;
  std::unique_ptr<ManifestWatch> watch_;
  std::unique_ptr<ImageWatch> image_watch_;
  Manifests manifests_;
  std::map<std::string, std::shared_ptr<Worker>> workers_;  ///< by "namespace/name"
  std::map<std::string, std::string> refused_files_;  ///< files from which no pod came: path → diagnostics
  struct WithoutPort {
    PodApplied change;
    std::string conflict;  ///< as a diagnostic
  };
  std::map<std::string, WithoutPort> without_ports_;  ///< by pod: another one has a port that it wants
  std::map<std::string, std::string> reported_;  ///< last text logged for a file, so that it is logged once
  std::function<void()> ready_;
};

}  // namespace podsd::agent

// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.hpp"

#include <sys/random.h>
#include <syslog.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "agent/engine/move_ahead.hpp"
#include "agent/journal.hpp"
#include "agent/node.hpp"
#include "agent/os/files.hpp"
#include "agent/pod_view.hpp"
#include "spec/manifest.hpp"

namespace podsd::agent {
namespace {

/// A random UUID (RFC 9562, version 4), as the API server gives to pods.
std::string new_uid() {
  unsigned char b[16];
  // Cannot fail for 16 bytes once the pool is initialized (getrandom(2)).
  static_cast<void>(::getrandom(b, sizeof b, 0));
  b[6] = static_cast<unsigned char>((b[6] & 0x0F) | 0x40);
  b[8] = static_cast<unsigned char>((b[8] & 0x3F) | 0x80);
  std::string uid;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
    uid += "0123456789abcdef"[b[i] >> 4];
    uid += "0123456789abcdef"[b[i] & 15];
  }
  return uid;
}

/// What a file says: its pods, or every error in it, one per line.
FileContent read_content(const std::string& path, const std::string& text, std::string& warnings) {
  spec::Manifest manifest = spec::parse_manifest(text, path);
  FileContent content;
  for (const spec::Diagnostic& d : manifest.diagnostics)
    (d.severity == spec::Severity::error ? content.error : warnings) += d.text() + "\n";
  if (content.error.empty()) content.pods = std::move(manifest.pods);
  if (!content.error.empty()) content.error.pop_back();
  if (!warnings.empty()) warnings.pop_back();
  return content;
}

/// What is said of a pod that another file defines, whose path follows.
std::string taken(const std::string& path, const std::string& key) {
  return path + ": error: pod " + key + " is already defined by ";
}

}  // namespace

Agent::Agent(boost::asio::io_context& io, Options options)
    : io_(io), options_(std::move(options)), lane_(io) {}

Result<void> Agent::start(std::function<void()> ready) {
  ready_ = std::move(ready);
  const engine::Paths& paths = options_.paths;
  for (const auto& [dir, mode] : {std::pair{paths.run, 0700U},
                                  {paths.run / "pods", 0700U},
                                  {paths.state, 0700U},
                                  {paths.manifests, 0755U}})
    if (auto made = os::make_dirs(dir, mode); !made) return made;
  auto images = image::Store::open(paths.state / "images");
  if (!images) return std::unexpected(images.error());
  images_.emplace(std::move(*images));
  auto bus =
      dbus::connect(io_, {options_.bus_address, std::string(options_.node.bus_name)}, systemd_events());
  if (!bus) return std::unexpected(bus.error());
  bus_ = std::move(*bus);
  if (auto opened = open_networks(); !opened) return opened;
  engine_ = std::make_unique<engine::Engine>(
      io_, bus_->systemd(), *images_, *networks_, paths, options_.runtimes, engine_events(),
      engine::IdRangeConfig{options_.node.users_first_id, options_.node.users_pods});
  image_gc_ = std::make_unique<engine::ImageGc>(io_, bus_->systemd(), paths, options_.image_gc,
                                                [this] { return named_images(); });
  shell_ = std::make_unique<Shell>(Shell{io_, *engine_, bus_->systemd(), paths,
                                         [this](const std::string& key) { changed(key); },
                                         [this](const std::string& key) { forgotten(key); }});
  bus_->service().serve(handlers());
  return {};
}

units::SystemdEvents Agent::systemd_events() {
  units::SystemdEvents events;
  events.request_stop = [this](const std::string& unit) { request_stop(unit); };
  events.connected = [this] { connected(); };
  events.disconnected = [] { journal::write(LOG_WARNING, "lost the connection to the bus", {}); };
  events.reloaded = [this] {
    for (const auto& [key, worker] : workers_) worker->post(units::SystemdReloaded{});
  };
  return events;
}

engine::Events Agent::engine_events() {
  engine::Events events;
  events.exited = [this](const engine::ContainerExit& exit, const std::function<void()>& recorded) {
    if (Worker* worker = find_sandbox(exit.sandbox))
      worker->post(
          units::ContainerDown{exit.container, exit.attempt, exit.facts, exit.finished_at, exit.stopped});
    recorded();
    image_gc_->check(false);
  };
  events.lost = [this](const std::string& sandbox) {
    if (Worker* worker = find_sandbox(sandbox)) worker->post(units::SandboxLost{});
  };
  return events;
}

void Agent::connected() {
  if (!ready_) return engine_->repin();
  const auto ready = std::exchange(ready_, nullptr);
  take_up();
  end_strangers();
  scan();
  release_sandboxes();
  auto watch = ManifestWatch::open(io_, options_.paths.manifests, [this](const std::set<std::string>& names) {
    if (names.empty()) return scan();
    engine::move_ahead();
    files_changed(names);
  });
  if (!watch) journal::write(LOG_ERR, watch.error().message(), {});
  watch_ = watch ? std::move(*watch) : nullptr;
  auto images = ImageWatch::open(io_, images_->names_dir(), [this] {
    for (const auto& [key, worker] : workers_) worker->post(units::ImagesChanged{});
    image_gc_->check();
  });
  if (!images) journal::write(LOG_ERR, images.error().message(), {});
  image_watch_ = images ? std::move(*images) : nullptr;
  image_gc_->check();
  ready();
}

/// Pods of an earlier agent, from its own records.
void Agent::take_up() {
  std::error_code error;
  for (const auto& dir : std::filesystem::directory_iterator(options_.paths.run / "pods", error)) {
    const auto text = os::read_file(dir.path() / "state.json", 16U << 20);
    auto kept = text ? from_json(*text, options_.node) : Result<Kept>(std::unexpected(text.error()));
    if (!kept) {
      journal::write(LOG_ERR, "cannot take up " + dir.path().string() + ": " + kept.error().message(), {});
      continue;
    }
    manifests_.seed(kept->manifest, kept->state.pod);
    const auto worker = std::make_shared<Worker>(*shell_, std::move(*kept));
    workers_[worker->key()] = worker;
  }
  std::set<std::string> scopes;
  for (const auto& [key, worker] : workers_)
    for (const engine::KnownContainer& c : known_containers(worker->state())) scopes.insert(c.scope);
  engine_->release_images_except(scopes);
  for (const auto& [key, worker] : std::map(workers_)) {
    worker->resume();
    changed(key);
  }
}

void Agent::scan() {
  const auto names = list_manifests(options_.paths.manifests);
  if (!names) return journal::write(LOG_ERR, names.error().message(), {});
  std::set<std::string> seen(names->begin(), names->end());
  for (const std::string& path : manifests_.files()) seen.insert(std::filesystem::path(path).filename());
  files_changed(seen);
}

void Agent::files_changed(const std::set<std::string>& names) {
  // What is there before what is gone: the pods of a renamed file change hands instead of ending.
  std::vector<std::string> order(names.begin(), names.end());
  std::ranges::stable_partition(order, [this](const std::string& name) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::symlink_status(options_.paths.manifests / name, error));
  });
  for (const std::string& name : order) file_changed(name);
  retry_ports();
  for (const auto& [path, text] : refused_files_)
    if (std::exchange(reported_[path], text) != text)
      journal::write(LOG_ERR, text, {{"PODSD_MANIFEST", path}});
}

void Agent::file_changed(const std::string& name) {
  const std::string path = options_.paths.manifests / name;
  const auto text = read_manifest(path);
  if (!text && text.error().code == ENOENT) {
    refused_files_.erase(path);
    reported_.erase(path);
    return apply(manifests_.update(path, std::nullopt));
  }
  std::string warnings;
  const FileContent content = text ? read_content(path, *text, warnings)
                                   : FileContent{{}, path + ": error: " + text.error().message()};
  refused_files_.erase(path);
  const std::string report = content.error.empty() ? warnings : content.error;
  if (!report.empty() && reported_[path] != report)
    journal::write(content.error.empty() ? LOG_WARNING : LOG_ERR, report, {{"PODSD_MANIFEST", path}});
  reported_[path] = report;
  apply(manifests_.update(path, content));
}

void Agent::apply(const std::vector<PodChange>& changes) {
  for (const PodChange& change : changes) std::visit([this](const auto& c) { apply_one(c); }, change);
}

void Agent::apply_one(const PodApplied& change) {
  if (refuse_ports(change)) return;
  // The file may have waited for another one to let go of the pod.
  const auto refused = refused_files_.find(change.path);
  if (refused != refused_files_.end() && refused->second.starts_with(taken(change.path, change.key)))
    refused_files_.erase(refused);
  if (Worker* worker = find(change.key)) {
    worker->set_manifest(change.path);
    return worker->post(units::ManifestApplied{change.pod});
  }
  spec::Pod pod = change.pod;
  if (pod.uid.empty()) pod.uid = new_uid();
  const auto worker = std::make_shared<Worker>(*shell_, Kept{units::begin(pod, options_.node), change.path});
  workers_[change.key] = worker;
  worker->post(units::ManifestApplied{pod});
}

void Agent::apply_one(const PodRefused& change) {
  if (Worker* worker = find(change.key)) worker->post(units::ManifestRefused{change.error});
  if (without_ports_.contains(change.key)) refused_files_[change.path] = change.error;
}

void Agent::apply_one(const PodGone& change) {
  without_ports_.erase(change.key);
  if (Worker* worker = find(change.key)) worker->post(units::ManifestGone{});
}

void Agent::apply_one(const FileRefused& change) {
  refused_files_[change.path] = change.error;
}

void Agent::apply_one(const PodTaken& change) {
  refused_files_[change.path] = taken(change.path, change.key) + change.owner;
}

void Agent::changed(const std::string& key) {
  const Worker* worker = find(key);
  if (worker == nullptr) return;
  static constexpr const char* phases[] = {"Pending", "Running", "Succeeded", "Failed"};
  if (!without_ports_.empty()) boost::asio::post(io_, [this] { retry_ports(); });
  const units::State& state = worker->state();
  bus_->service().publish({state.pod.ns, state.pod.name, phases[static_cast<int>(worker->status().phase)],
                           state.plan.slice.name, worker->manifest()});
}

void Agent::forgotten(const std::string& key) {
  const Worker* worker = find(key);
  if (worker == nullptr) return;
  bus_->service().withdraw(worker->state().pod.ns, worker->state().pod.name);
  // The worker calls this itself, so it must live a little longer.
  boost::asio::post(io_, [this, gone = workers_.extract(key)]() mutable {
    gone = {};
    retry_ports();
  });
}

Worker* Agent::find(const std::string& key) {
  const auto it = workers_.find(key);
  return it == workers_.end() ? nullptr : it->second.get();
}

Worker* Agent::find_sandbox(const std::string& id) {
  for (const auto& [key, worker] : workers_)
    if (sandbox_id(worker->state().pod) == id) return worker.get();
  return nullptr;
}

}  // namespace podsd::agent

// SPDX-License-Identifier: Apache-2.0
#include "agent/engine/engine.hpp"

#include <syslog.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include <csignal>

#include "agent/engine/cgroup.hpp"
#include "agent/engine/sandbox.hpp"
#include "agent/engine/start.hpp"
#include "agent/journal.hpp"
#include "agent/os/files.hpp"

namespace podsd::engine {
namespace {

/// Releases every unit, one call behind the other's back, and calls `done` after the last answer.
void release_all(units::Systemd& systemd, const std::vector<std::string>& names, std::function<void()> done) {
  const auto left = std::make_shared<std::size_t>(names.size());
  if (names.empty()) return done();
  for (const std::string& name : names)
    systemd.release_unit(name, [left, done](Result<void>) {
      if (--*left == 0) done();
    });
}

}  // namespace

Engine::Engine(boost::asio::io_context& io, units::Systemd& systemd, image::Store& images,
               network::PodNetworks& networks, Paths paths, Runtimes runtimes, Events events,
               IdRangeConfig ids)
    : context_{io,
               systemd,
               images,
               networks,
               Filters(paths.run / "filters"),
               std::move(paths),
               std::move(runtimes),
               std::move(events),
               OomWatch(io),
               IdRanges(context_.paths.state / "id-ranges.json", ids)},
      pulls_(systemd, images, context_.paths) {}

Engine::~Engine() = default;

void Engine::run_sandbox(SandboxSpec spec, units::Done<void> done) {
  const std::string id = spec.id;
  const std::string slice = spec.slice.name;
  const auto sandbox = std::make_shared<Sandbox>(context_, std::move(spec));
  sandboxes_[id] = sandbox;
  sandbox->run([this, id, slice, done = std::move(done)](Result<void> result) {
    if (!result) {
      sandboxes_.at(id)->forget();
      sandboxes_.erase(id);
      return abandon_prepared(id, [this, id, slice, done, result] {
        static_cast<void>(kill_cgroup(slice_cgroup(id)));
        // Told after it: a start that comes at once would run into the slice's stop job.
        context_.systemd.stop_unit(slice, [done, result](Result<void>) { done(result); });
      });
    }
    boost::asio::post(context_.io, [done, result] { done(result); });
  });
}

Result<void> Engine::attach_sandbox(
    const SandboxSpec& spec, const std::vector<KnownContainer>& containers,
    std::function<void(const KnownContainer&, Result<ContainerInfo>)> resumed) {
  const auto sandbox = std::make_shared<Sandbox>(context_, spec);
  if (auto attached = sandbox->attach(containers, std::move(resumed)); !attached) return attached;
  sandboxes_[spec.id] = sandbox;
  pin(*sandbox);
  return {};
}

void Engine::stop_sandbox(const SandboxSpec& spec, std::vector<std::string> scopes, units::Done<void> done) {
  if (const auto it = sandboxes_.find(spec.id); it != sandboxes_.end()) {
    it->second->forget();
    sandboxes_.erase(it);
  }
  scopes.push_back(spec.scope.name);
  for (const std::string& scope : scopes) static_cast<void>(context_.images.release(scope));
  abandon_prepared(spec.id, [this, spec, scopes = std::move(scopes), done = std::move(done)] {
    end_slice(spec, scopes, done);
  });
}

void Engine::end_slice(const SandboxSpec& spec, const std::vector<std::string>& scopes,
                       const units::Done<void>& done) {
  const Result<void> killed = kill_cgroup(slice_cgroup(spec.id));
  // Stopping the slice waits for its scopes to be empty; only then can they be released for good.
  const auto ended = [this, spec, killed, done](const Result<void>& stopped) {
    const Result<void> result = killed ? stopped : killed;
    if (spec.host_network) return done(result);
    context_.networks.detach(
        spec.id, [done, result](const Result<void>& detached) { done(result ? detached : result); });
  };
  context_.systemd.stop_unit(spec.slice.name, [this, scopes, ended](const Result<void>& stopped) {
    release_all(context_.systemd, scopes, [stopped, ended] { ended(stopped); });
  });
}

Result<void> Engine::remove_sandbox(const std::string& id) {
  context_.networks.release(id);
  if (auto removed = Folders(context_.paths, id).remove(); !removed) return removed;
  return context_.ids.free(id);
}

void Engine::prepare_container(const std::string& sandbox, ContainerSpec spec) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end() || !it->second->alive() || it->second->spec().host_network) return;
  const std::string name = spec.name;
  const auto start = std::make_shared<Start>(it->second, std::move(spec), nullptr);
  prepared_[sandbox][name] = start;
  start->begin();
}

/// Ends what was prepared in vain.
void Engine::abandon_prepared(const std::string& sandbox, const std::function<void()>& done) {
  const auto starts = prepared_.extract(sandbox);
  if (!starts) return done();
  const auto left = std::make_shared<std::size_t>(starts.mapped().size());
  if (*left == 0) return done();
  for (const auto& [name, start] : starts.mapped())
    start->abandon([this, start, left, done] {
      static_cast<void>(context_.images.release(start->scope()));
      context_.systemd.release_unit(start->scope(), [](const Result<void>&) {});
      if (--*left == 0) done();
    });
}

void Engine::start_container(const std::string& sandbox, ContainerSpec spec, Started done) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end())
    return boost::asio::post(context_.io, [done = std::move(done), sandbox] {
      done(std::unexpected(
          StartFailure{StartFailure::Stage::create, {"no such sandbox", sandbox, 0, nullptr}}));
    });
  if (const auto prepared = prepared_.find(sandbox); prepared != prepared_.end())
    if (const auto start = prepared->second.extract(spec.name)) {
      if (start.mapped()->take_over(spec, done)) return;
      // Another one is made under the same name once this one is out of the way.
      return start.mapped()->abandon([sandbox = it->second, spec = std::move(spec), done = std::move(done)] {
        std::make_shared<Start>(sandbox, spec, done)->begin();
      });
    }
  std::make_shared<Start>(it->second, std::move(spec), std::move(done))->begin();
}

void Engine::exec(const std::string& sandbox, ExecSpec spec, ExecDone done) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end()) return done(fail("the container does not run", spec.container));
  it->second->exec(std::move(spec), std::move(done));
}

void Engine::attach(const std::string& sandbox, AttachSpec spec, const AttachDone& done) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end()) return done(fail("the container does not run", spec.container));
  it->second->attach_session(std::move(spec), done);
}

Result<ContainerRoot> Engine::open_root(const std::string& sandbox, const std::string& container) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end()) return fail("the container does not run", container);
  return it->second->open_root(container);
}

Result<void> Engine::signal_container(const std::string& sandbox, const std::string& container) {
  const auto it = sandboxes_.find(sandbox);
  if (it == sandboxes_.end()) return fail("no such sandbox", sandbox);
  return it->second->signal(container);
}

void Engine::kill_container(const std::string& scope, units::Done<void> done) {
  context_.systemd.kill_unit(scope, SIGKILL, std::move(done));
}

void Engine::remove_container(const std::string& sandbox, const std::string& container,
                              const std::string& scope) {
  static_cast<void>(context_.images.release(scope));
  context_.systemd.release_unit(scope, [](const Result<void>&) {});
  const Folders folders(context_.paths, sandbox);
  for (const auto& folder : {folders.bundle(container), folders.writable(container)})
    if (auto gone = os::remove_tree(folder); !gone)
      journal::write(LOG_WARNING, "cannot clean up " + scope + ": " + gone.error().message(),
                     {{"OBJECT_SYSTEMD_UNIT", scope}});
}

void Engine::pull_image(const std::string& reference, Pulls::Progress progress, units::Done<void> done) {
  pulls_.pull(reference, std::move(progress), std::move(done));
}

void Engine::release_images_except(const std::set<std::string>& scopes) {
  pulls_.sweep();
  static_cast<void>(context_.images.clear_holds_except(scopes));
}

void Engine::release_except(const std::set<std::string>& sandboxes) {
  context_.networks.keep_only(sandboxes);
  for (const std::string& id : context_.ids.sandboxes()) {
    if (sandboxes.contains(id)) continue;
    if (auto removed = remove_sandbox(id); !removed)
      journal::write(LOG_WARNING, "cannot clean up " + id + ": " + removed.error().message(), {});
  }
}

void Engine::repin() {
  for (const auto& [id, sandbox] : sandboxes_) {
    sandbox->lose_control();
    pin(*sandbox);
  }
}

void Engine::pin(const Sandbox& sandbox) {
  std::vector<std::string> units = sandbox.live_scopes();
  units.push_back(sandbox.spec().scope.name);
  for (const std::string& unit : units) context_.systemd.ref_unit(unit, [](const Result<void>&) {});
}

}  // namespace podsd::engine

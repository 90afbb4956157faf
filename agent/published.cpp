// SPDX-License-Identifier: Apache-2.0
// What org.podsd1 answers.
#include <sys/socket.h>

#include <filesystem>

#include "agent/agent.hpp"
#include "agent/kube/pod_json.hpp"
#include "agent/pod_view.hpp"

namespace podsd::agent {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A file from which no pod came is shown as one that failed, so that `podsctl get pods` does not keep quiet
/// about it.
Json refused_file(const std::string& path, const std::string& error) {
  Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}};
  pod["metadata"] = {{"name", std::filesystem::path(path).filename().string()}, {"namespace", "default"}};
  pod["status"] = {{"phase", "Failed"}, {"reason", "ManifestRefused"}, {"message", error}};
  return pod;
}

/// A pod that was not started since another one has its port.
Json refused_pod(const spec::Pod& pod, const std::string& error) {
  Json out = refused_file(pod.name, error);
  out["metadata"]["namespace"] = pod.ns;
  return out;
}

/// Fills in the pod's first container where none is named. Errors: the pod has none of that name.
Result<void> choose_container(const units::State& state, std::string& container) {
  if (container.empty()) container = state.pod.containers.front().name;
  if (std::ranges::find(state.containers, container, &units::Container::name) != state.containers.end())
    return {};
  return fail("container \"" + container + "\" not found in pod \"" + state.pod.name + "\"",
              "NoSuchContainer");
}

/// To whoever has the other end of the socket, without waiting for it to be read.
engine::Pulls::Progress telling(int fd) {
  if (fd < 0) return nullptr;
  return [socket = std::make_shared<UniqueFd>(fd)](const std::string& text) {
    static_cast<void>(::send(socket->get(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  };
}

}  // namespace

dbus::Handlers Agent::handlers() {
  dbus::Handlers handlers;
  handlers.list_pods = [this](const std::string& ns) -> Result<std::string> { return list(ns); };
  handlers.get_pod = [this](const std::string& ns, const std::string& name) -> Result<std::string> {
    const Worker* worker = find(ns + "/" + name);
    if (worker == nullptr) return fail("pod \"" + name + "\" not found", "NoSuchPod");
    return dump(kube::pod_json(worker->state().pod, worker->status()));
  };
  handlers.act = [this](dbus::Handlers::Verb verb, const std::string& ns, const std::string& name,
                        const std::string& container, const dbus::Handlers::Reply& reply) {
    Worker* worker = find(ns + "/" + name);
    if (worker == nullptr) return reply(fail("pod \"" + name + "\" not found", "NoSuchPod"));
    const auto& list = worker->state().containers;
    if (!container.empty() && std::ranges::find(list, container, &units::Container::name) == list.end())
      return reply(
          fail("container \"" + container + "\" not found in pod \"" + name + "\"", "NoSuchContainer"));
    using From = dbus::Handlers::Verb;
    const units::Verb to = verb == From::start  ? units::Verb::start
                           : verb == From::stop ? units::Verb::stop
                                                : units::Verb::restart;
    worker->ask(units::Asked{to, container}, reply);
  };
  handlers.pull_image = [this](const std::string& reference, int progress,
                               const dbus::Handlers::Reply& reply) {
    engine_->pull_image(reference, telling(progress), [this, reference, reply](const Result<void>& result) {
      if (!result) return reply(fail(result.error().message(), "Failed"));
      const auto image = images_->find(reference);
      if (!image || !*image) return reply(fail("the image was removed meanwhile", "Failed"));
      reply(dump({{"name", (*image)->name},
                  {"digest", (*image)->digest},
                  {"id", (*image)->id},
                  {"size", (*image)->size}}));
    });
  };
  handlers.exec = [this](dbus::ExecCall call, std::vector<int> fds, dbus::Handlers::ExecStarted started) {
    fds.resize(dbus::exec_fds, -1);
    engine::ExecSpec spec{call.container,
                          std::move(call.command),
                          UniqueFd(fds[dbus::exec_stdin]),
                          UniqueFd(fds[dbus::exec_stdout]),
                          UniqueFd(fds[dbus::exec_stderr]),
                          UniqueFd(fds[dbus::exec_status]),
                          UniqueFd(fds[dbus::exec_console]),
                          call.rows,
                          call.columns};
    const Worker* worker = find(call.ns + "/" + call.name);
    if (worker == nullptr) return started(fail("pod \"" + call.name + "\" not found", "NoSuchPod"));
    if (auto chosen = choose_container(worker->state(), spec.container); !chosen)
      return started(std::unexpected(chosen.error()));
    engine_->exec(sandbox_id(worker->state().pod), std::move(spec),
                  [started = std::move(started)](const Result<UniqueFd>& pidfd) {
                    started(pidfd ? Result<int>(pidfd->get()) : std::unexpected(pidfd.error()));
                  });
  };
  handlers.attach = [this](dbus::AttachCall call, std::vector<int> fds,
                           const std::function<void(Result<dbus::Attached>)>& done) {
    fds.resize(dbus::attach_fds, -1);
    engine::AttachSpec spec{call.container,
                            call.input,
                            UniqueFd(fds[dbus::attach_in]),
                            UniqueFd(fds[dbus::attach_out]),
                            UniqueFd(fds[dbus::attach_err]),
                            UniqueFd(fds[dbus::attach_control])};
    const Worker* worker = find(call.ns + "/" + call.name);
    if (worker == nullptr) return done(fail("pod \"" + call.name + "\" not found", "NoSuchPod"));
    if (auto chosen = choose_container(worker->state(), spec.container); !chosen)
      return done(std::unexpected(chosen.error()));
    const std::string name = spec.container;
    engine_->attach(sandbox_id(worker->state().pod), std::move(spec),
                    [done, name](const Result<engine::AttachedStreams>& got) {
                      if (!got) return done(std::unexpected(got.error()));
                      done(dbus::Attached{name, got->output, got->input, got->terminal});
                    });
  };
  handlers.open_root = [this](const std::string& ns, const std::string& name, std::string container,
                              const dbus::Handlers::RootOpened& opened) {
    const Worker* worker = find(ns + "/" + name);
    if (worker == nullptr) return opened(fail("pod \"" + name + "\" not found", "NoSuchPod"));
    if (auto chosen = choose_container(worker->state(), container); !chosen)
      return opened(std::unexpected(chosen.error()));
    const auto root = engine_->open_root(sandbox_id(worker->state().pod), container);
    if (!root) return opened(std::unexpected(root.error()));
    opened(dbus::ContainerRoot{root->fd.get(), root->users.get(), root->uid, root->gid});
  };
  return handlers;
}

std::string Agent::list(const std::string& ns) const {
  Json pods = Json::array();
  for (const auto& [key, worker] : workers_)
    if (ns.empty() || worker->state().pod.ns == ns)
      pods.push_back(kube::pod_json(worker->state().pod, worker->status()));
  if (ns.empty() || ns == "default")
    for (const auto& [path, error] : refused_files_) pods.push_back(refused_file(path, error));
  for (const auto& [key, waiting] : without_ports_)
    if (!workers_.contains(key) && (ns.empty() || ns == waiting.change.pod.ns))
      pods.push_back(refused_pod(waiting.change.pod, waiting.conflict));
  return dump(pods);
}

}  // namespace podsd::agent

// SPDX-License-Identifier: Apache-2.0
// The methods of org.podsd1: what they read from a call, whom they serve, how they answer.
#include <unistd.h>

#include <boost/asio/post.hpp>

#include <utility>

#include "dbus/published.hpp"

namespace podsd::dbus {

namespace {

constexpr const char* manager_path = "/org/podsd1";
constexpr const char* manager_interface = "org.podsd1.Manager";

const Error starting{"podsd is still starting", error_failed, 0, nullptr};

/// Closes those that nobody took.
std::shared_ptr<std::vector<int>> owned_fds(std::vector<sdbus::UnixFd>& fds) {
  std::shared_ptr<std::vector<int>> owned(new std::vector<int>, [](std::vector<int>* left) {
    for (const int fd : *left) ::close(fd);
    delete left;
  });
  for (sdbus::UnixFd& fd : fds) owned->push_back(fd.release());
  return owned;
}

/// What the agent's handler gives, or throws, as an answer.
template <typename F>
Result<std::string> outcome(F call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return fail(error.what(), error_failed);
  }
}

}  // namespace

void Published::show_manager() {
  manager_ = sdbus::createObject(link_->bus(), manager_path);
  auto& object = *manager_;
  sdbus::Flags constant;
  constant.set(sdbus::Flags::CONST_PROPERTY_VALUE);
  object.registerProperty(
      manager_interface, "Version", "s", [this](sdbus::PropertyGetReply& reply) { reply << version_; },
      constant);
  object.registerProperty(manager_interface, "NPods", "u", [this](sdbus::PropertyGetReply& reply) {
    reply << static_cast<std::uint32_t>(pods_.size());
  });
  object.registerMethod(manager_interface, "ListPods", "s", {"namespace"}, "s", {"pods"},
                        [this](sdbus::MethodCall call) {
                          std::string ns;
                          call >> ns;
                          on_call(std::move(call), [this, ns](auto request) { answer_list(ns, *request); });
                        });
  object.registerMethod(
      manager_interface, "GetPod", "ss", {"namespace", "name"}, "s", {"pod"}, [this](sdbus::MethodCall call) {
        std::string ns, name;
        call >> ns >> name;
        on_call(std::move(call), [this, ns, name](auto request) { answer_get(ns, name, *request); });
      });
  const std::pair<const char*, Handlers::Verb> verbs[] = {{"StartPod", Handlers::Verb::start},
                                                          {"StopPod", Handlers::Verb::stop},
                                                          {"RestartPod", Handlers::Verb::restart}};
  for (const auto& [member, verb] : verbs) {
    object.registerMethod(manager_interface, member, "sss", {"namespace", "name", "container"}, "", {},
                          [this, verb](sdbus::MethodCall call) {
                            std::string ns, name, container;
                            call >> ns >> name >> container;
                            on_call(std::move(call), [this, verb, ns, name, container](auto request) {
                              act(verb, ns, name, container, request);
                            });
                          });
  }
  object.registerMethod(manager_interface, "Exec", "sssasuuah",
                        {"namespace", "name", "container", "command", "rows", "columns", "fds"}, "ah",
                        {"pidfd"}, [this](sdbus::MethodCall call) {
                          ExecCall asked;
                          std::vector<sdbus::UnixFd> fds;
                          call >> asked.ns >> asked.name >> asked.container >> asked.command >> asked.rows >>
                              asked.columns >> fds;
                          const auto owned = owned_fds(fds);
                          on_call(std::move(call),
                                  [this, asked, owned](auto request) { exec(asked, owned, request); });
                        });
  object.registerMethod(
      manager_interface, "Attach", "sssbah", {"namespace", "name", "container", "input", "fds"}, "sbbb",
      {"container", "output", "input", "terminal"}, [this](sdbus::MethodCall call) {
        AttachCall asked;
        std::vector<sdbus::UnixFd> fds;
        call >> asked.ns >> asked.name >> asked.container >> asked.input >> fds;
        const auto owned = owned_fds(fds);
        on_call(std::move(call),
                [this, asked, owned](auto request) { attach_session(asked, owned, request); });
      });
  object.registerMethod(manager_interface, "PullImage", "sah", {"reference", "progress"}, "s", {"image"},
                        [this](sdbus::MethodCall call) {
                          std::string reference;
                          std::vector<sdbus::UnixFd> fds;
                          call >> reference >> fds;
                          const auto owned = owned_fds(fds);
                          on_call(std::move(call), [this, reference, owned](auto request) {
                            pull_image(reference, owned, request);
                          });
                        });
  object.registerMethod(manager_interface, "OpenRoot", "sss", {"namespace", "name", "container"}, "hhuu",
                        {"root", "users", "uid", "gid"}, [this](sdbus::MethodCall call) {
                          std::string ns, name, container;
                          call >> ns >> name >> container;
                          on_call(std::move(call), [this, ns, name, container](auto request) {
                            open_root(ns, name, container, request);
                          });
                        });
  object.finishRegistration();
}

void Published::pull_image(const std::string& reference, const std::shared_ptr<std::vector<int>>& fds,
                           const std::shared_ptr<Request>& request) {
  Request::if_root(request, [this, reference, fds, request] {
    boost::asio::post(io_, [this, alive = std::weak_ptr(alive_), reference, fds, request] {
      if (alive.expired()) return;
      if (!handlers_.pull_image) return request->answer(Result<std::string>(std::unexpected(starting)));
      if (fds->size() > 1)
        return request->answer(
            Result<std::string>(fail("one file descriptor at most is expected", error_failed)));
      const auto taken = std::exchange(*fds, {});
      handlers_.pull_image(reference, taken.empty() ? -1 : taken.front(),
                           [request](const Result<std::string>& image) { request->answer(image); });
    });
  });
}

void Published::open_root(const std::string& ns, const std::string& name, const std::string& container,
                          const std::shared_ptr<Request>& request) {
  Request::if_root(request, [this, ns, name, container, request] {
    boost::asio::post(io_, [this, alive = std::weak_ptr(alive_), ns, name, container, request] {
      if (alive.expired()) return;
      if (!handlers_.open_root) return request->answer(Result<ContainerRoot>(std::unexpected(starting)));
      handlers_.open_root(ns, name, container,
                          [request](const Result<ContainerRoot>& root) { request->answer(root); });
    });
  });
}

void Published::exec(const ExecCall& call, const std::shared_ptr<std::vector<int>>& fds,
                     const std::shared_ptr<Request>& request) {
  Request::if_root(request, [this, call, fds, request] {
    boost::asio::post(io_, [this, alive = std::weak_ptr(alive_), call, fds, request] {
      if (alive.expired()) return;
      if (!handlers_.exec) return request->answer_fd(std::unexpected(starting));
      if (fds->size() != exec_fds && fds->size() != exec_fds - 1)
        return request->answer_fd(fail("four or five file descriptors are expected", error_failed));
      handlers_.exec(call, std::exchange(*fds, {}),
                     [request](const Result<int>& pidfd) { request->answer_fd(pidfd); });
    });
  });
}

void Published::attach_session(const AttachCall& call, const std::shared_ptr<std::vector<int>>& fds,
                               const std::shared_ptr<Request>& request) {
  Request::if_root(request, [this, call, fds, request] {
    boost::asio::post(io_, [this, alive = std::weak_ptr(alive_), call, fds, request] {
      if (alive.expired()) return;
      if (!handlers_.attach) return request->answer(Result<Attached>(std::unexpected(starting)));
      if (fds->size() != attach_fds)
        return request->answer(Result<Attached>(fail("four file descriptors are expected", error_failed)));
      handlers_.attach(call, std::exchange(*fds, {}),
                       [request](const Result<Attached>& attached) { request->answer(attached); });
    });
  });
}

sdbus::method_callback Published::reading(const std::shared_ptr<Entry>& entry) {
  return [this, weak = std::weak_ptr(entry), ns = entry->pod.ns,
          name = entry->pod.name](sdbus::MethodCall call) {
    on_call(
        std::move(call), [this, ns, name](auto request) { answer_get(ns, name, *request); }, weak.lock());
  };
}

sdbus::method_callback Published::acting(Handlers::Verb verb, const std::shared_ptr<Entry>& entry) {
  return [this, verb, weak = std::weak_ptr(entry), ns = entry->pod.ns,
          name = entry->pod.name](sdbus::MethodCall call) {
    on_call(
        std::move(call), [this, verb, ns, name](auto request) { act(verb, ns, name, "", request); },
        weak.lock());
  };
}

void Published::answer_list(const std::string& ns, Request& request) {
  if (!handlers_.list_pods) return request.answer(Result<std::string>(std::unexpected(starting)));
  request.answer(outcome([&] { return handlers_.list_pods(ns); }));
}

void Published::answer_get(const std::string& ns, const std::string& name, Request& request) {
  if (!handlers_.get_pod) return request.answer(Result<std::string>(std::unexpected(starting)));
  request.answer(outcome([&] { return handlers_.get_pod(ns, name); }));
}

void Published::act(Handlers::Verb verb, std::string ns, std::string name, std::string container,
                    std::shared_ptr<Request> request) {
  auto run = [this, verb, ns, name, container, request] {
    if (!handlers_.act) return request->answer(Result<void>(std::unexpected(starting)));
    auto reply = [request](const Result<std::string>& result) {
      request->answer(result ? Result<void>() : Result<void>(std::unexpected(result.error())));
    };
    const auto called = outcome([&] {
      handlers_.act(verb, ns, name, container, reply);
      return Result<std::string>("");
    });
    if (!called) reply(called);
  };
  Request::if_root(request, [this, run = std::move(run)] {
    boost::asio::post(io_, [alive = std::weak_ptr(alive_), run] {
      if (!alive.expired()) run();
    });
  });
}

}  // namespace podsd::dbus

// SPDX-License-Identifier: Apache-2.0
#include "dbus/request.hpp"

#include <chrono>

#include "dbus/service.hpp"

namespace podsd::dbus {

namespace {

const Link::Target bus_daemon{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};

bool is_error_name(const std::string& subject) {
  return subject == error_no_such_pod || subject == error_no_such_container;
}

}  // namespace

Request::Request(std::shared_ptr<Link> link, sdbus::MethodCall call, std::shared_ptr<const void> object)
    : link_(std::move(link)), bus_(link_->keep()), object_(std::move(object)), call_(std::move(call)) {}

Request::~Request() {
  refuse("org.podsd1.Error.Failed", "podsd dropped the call");
}

// The caller, or the whole bus, may have gone in the meantime; then there is nobody to tell.
template <typename Write>
void Request::send(Write write) {
  if (std::exchange(answered_, true) || !link_->is_open()) return;
  guarded([&] { write(); })();
  link_->kick();
}

void Request::answer(const Result<void>& result) {
  if (!result) return refuse(result.error());
  send([this] { call_.createReply().send(); });
}

void Request::answer_fd(const Result<int>& result) {
  if (!result) return refuse(result.error());
  send([&] {
    std::vector<sdbus::UnixFd> fds;
    if (*result >= 0) fds.emplace_back(*result);
    auto reply = call_.createReply();
    reply << fds;
    reply.send();
  });
}

void Request::answer(const Result<std::string>& result) {
  if (!result) return refuse(result.error());
  send([&] {
    auto reply = call_.createReply();
    reply << *result;
    reply.send();
  });
}

void Request::answer(const Result<Attached>& result) {
  if (!result) return refuse(result.error());
  send([&] {
    auto reply = call_.createReply();
    reply << result->container << result->output << result->input << result->terminal;
    reply.send();
  });
}

void Request::answer(const Result<ContainerRoot>& result) {
  if (!result) return refuse(result.error());
  send([&] {
    auto reply = call_.createReply();
    reply << sdbus::UnixFd(result->fd) << sdbus::UnixFd(result->users) << result->uid << result->gid;
    reply.send();
  });
}

void Request::refuse(const std::string& error_name, const std::string& text) {
  send([&] { call_.createErrorReply(sdbus::Error(error_name, text)).send(); });
}

void Request::refuse(const Error& error) {
  Error shown = error;
  std::string name = "org.podsd1.Error.Failed";
  if (is_error_name(error.subject)) name = "org.podsd1.Error." + error.subject;
  if (is_error_name(error.subject) || error.subject == error_failed) shown.subject.clear();
  refuse(name, shown.message());
}

void Request::if_root(const std::shared_ptr<Request>& request, std::function<void()> granted) {
  const std::string sender = request->call_.getSender();
  request->link_->call(
      bus_daemon, "GetConnectionUnixUser", std::chrono::seconds(10),
      [&](sdbus::MethodCall& call) { call << sender; },
      [request, granted = std::move(granted)](sdbus::MethodReply& reply, const sdbus::Error* error) {
        std::uint32_t uid = UINT32_MAX;
        if (error == nullptr) reply >> uid;
        if (uid == 0) return granted();
        request->refuse("org.podsd1.Error.AccessDenied", "only root may start and stop pods");
      });
}

}  // namespace podsd::dbus

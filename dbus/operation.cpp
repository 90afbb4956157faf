// SPDX-License-Identifier: Apache-2.0
#include "dbus/operation.hpp"

#include <cerrno>

#include "dbus/errors.hpp"
#include "dbus/labels.hpp"

namespace podsd::dbus {

namespace {

constexpr const char* systemd_name = "org.freedesktop.systemd1";
constexpr const char* systemd_path = "/org/freedesktop/systemd1";
constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";

}  // namespace

Operation::Operation(PortState& port, std::string method, std::string unit,
                     std::chrono::milliseconds deadline)
    : port_(port), method_(std::move(method)), unit_(std::move(unit)), limit_(deadline), deadline_(port.io) {}

void Operation::begin() {
  port_.under_way.insert(shared_from_this());
  deadline_.expires_after(limit_);
  deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->fail("no answer from systemd", ETIMEDOUT);
  });
}

bool Operation::end() {
  if (std::exchange(ended_, true)) return false;
  deadline_.cancel();
  ticket_.reset();
  port_.under_way.erase(shared_from_this());
  return true;
}

void Operation::fail(const sdbus::Error& error) {
  fail(to_error(error, method_, unit_));
}

void Operation::fail(const std::string& why, int code) {
  fail(Error{method_ + ": " + why, unit_, code, nullptr});
}

void Operation::send(const Link::Target& target, const std::string& member, const Link::Write& write,
                     Link::OnReply on_reply) {
  if (ended_) return;
  if (!port_.link) return fail(no_bus(method_, unit_));
  // sd-bus frees a call that nobody answers when its own time is up; the operation has failed by then.
  port_.link->call(
      target, member, limit_, write,
      [self = shared_from_this(), on_reply = std::move(on_reply)](auto& reply, const auto* error) {
        if (!self->ended_) on_reply(reply, error);
      });
}

void Operation::call_manager(const std::string& member, const Link::Write& write, Link::OnReply on_reply) {
  send({systemd_name, systemd_path, manager_interface}, member, write, std::move(on_reply));
}

void Operation::call_get(const std::string& interface, const std::string& property, Link::OnReply on_reply) {
  const auto write = [full = std::string(systemd_name) + "." + interface, property](sdbus::MethodCall& call) {
    call << full << property;
  };
  send({systemd_name, unit_path(unit_), "org.freedesktop.DBus.Properties"}, "Get", write,
       std::move(on_reply));
}

void Operation::call_job(const std::string& member, const Link::Write& write,
                         std::function<void(const sdbus::Error&)> on_refused, Jobs::OnResult on_result) {
  if (ended_) return;
  job_starts_ = member == "StartTransientUnit";
  ticket_.reset();
  ticket_ = port_.jobs.expect();
  call_manager(member, write,
               [this, on_refused = std::move(on_refused), on_result = std::move(on_result)](
                   sdbus::MethodReply& reply, const sdbus::Error* error) {
                 if (error != nullptr) {
                   ticket_.reset();
                   return on_refused(*error);
                 }
                 sdbus::ObjectPath job;
                 reply >> job;
                 ticket_->wait(job, on_result);
               });
}

void Operation::look_for_job() {
  if (ended_ || !ticket_ || ticket_->path().empty()) return;
  const auto write = [](sdbus::MethodCall& call) {
    call << "org.freedesktop.systemd1.Job"
         << "State";
  };
  send({systemd_name, ticket_->path(), "org.freedesktop.DBus.Properties"}, "Get", write,
       [this](sdbus::MethodReply&, const sdbus::Error* error) {
         if (error != nullptr) judge_by_state();
       });
}

void Operation::judge_by_state() {
  call_get("Unit", "ActiveState", [this](sdbus::MethodReply& reply, const sdbus::Error* error) {
    if (error != nullptr || !ticket_) return;  // the deadline is the last word
    sdbus::Variant value;
    reply >> value;
    const std::string state = value.get<std::string>();
    const bool active = state == "active";
    port_.jobs.removed(ticket_->path(), active == job_starts_ ? "done" : "failed");
  });
}

}  // namespace podsd::dbus

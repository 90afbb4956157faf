// SPDX-License-Identifier: Apache-2.0
#include "tests/dbus/fake_systemd.hpp"

#include <algorithm>
#include <ranges>

#include "dbus/labels.hpp"

namespace podsd::test {

namespace {

constexpr const char* manager_interface = "org.freedesktop.systemd1.Manager";
constexpr const char* service_interface = "org.freedesktop.systemd1.Service";

using Row = sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string,
                          sdbus::ObjectPath, std::uint32_t, std::string, sdbus::ObjectPath>;

std::vector<std::string> read_names(sdbus::MethodCall& call) {
  std::vector<sdbus::Struct<std::string, sdbus::Variant>> properties;
  call >> properties;
  std::vector<std::string> names;
  for (const auto& property : properties) {
    names.push_back(std::get<0>(property) + ":" + std::get<1>(property).peekValueType());
  }
  return names;
}

}  // namespace

FakeSystemd::FakeSystemd(const std::string& address, const std::function<void(FakeSystemd&)>& prepare)
    : bus_(sdbus::createSessionBusConnectionWithAddress(address)) {
  register_manager();
  if (prepare) prepare(*this);
  bus_->requestName("org.freedesktop.systemd1");
  bus_->enterEventLoopAsync();
}

FakeSystemd::~FakeSystemd() {
  bus_->leaveEventLoop();
  units_.clear();
}

void FakeSystemd::register_manager() {
  manager_ = sdbus::createObject(*bus_, "/org/freedesktop/systemd1");
  manager_->registerMethod(manager_interface, "StartTransientUnit", "ssa(sv)a(sa(sv))", "o",
                           [this](sdbus::MethodCall call) {
                             std::string unit, mode;
                             call >> unit >> mode;
                             record({"StartTransientUnit", unit, read_names(call)});
                             take_turn(std::move(call), unit);
                           });
  manager_->registerMethod(manager_interface, "StopUnit", "ss", "o", [this](sdbus::MethodCall call) {
    std::string unit;
    call >> unit;
    record({"StopUnit", unit});
    take_turn(std::move(call), unit);
  });
  manager_->registerMethod(manager_interface, "StartUnit", "ss", "o", [this](sdbus::MethodCall call) {
    std::string unit;
    call >> unit;
    record({"StartUnit", unit});
    take_turn(std::move(call), unit);
  });
  manager_->registerMethod(manager_interface, "SetUnitProperties", "sba(sv)", "",
                           [this](sdbus::MethodCall call) {
                             std::string unit;
                             bool runtime = false;
                             call >> unit >> runtime;
                             record({"SetUnitProperties", unit, read_names(call)});
                             call.createReply().send();
                           });
  manager_->registerMethod(
      manager_interface, "ListUnitsByPatterns", "asas", "a(ssssssouso)", [this](sdbus::MethodCall call) {
        const Row row{"pods-a.scope", "", "loaded", "active", "running", "", "/x", 0U, "", "/"};
        auto reply = call.createReply();
        reply << std::vector<Row>{row};
        reply.send();
      });
  plain("KillUnit", "ssi");
  plain("RefUnit", "s");
  plain("UnrefUnit", "s");
  plain("ResetFailedUnit", "s");
  plain("Subscribe", "");
  manager_->registerSignal(manager_interface, "JobRemoved", "uoss");
  manager_->registerSignal(manager_interface, "Reloading", "b");
  manager_->finishRegistration();
}

void FakeSystemd::plain(const std::string& member, const std::string& signature) {
  manager_->registerMethod(manager_interface, member, signature, "",
                           [this, member, has_unit = !signature.empty()](sdbus::MethodCall call) {
                             std::string unit;
                             if (has_unit) call >> unit;
                             record({member, unit, {}, call.getSender()});
                             call.createReply().send();
                           });
}

void FakeSystemd::take_turn(sdbus::MethodCall call, const std::string& unit) {
  Turn turn;
  Held job;
  {
    const std::lock_guard lock(mutex_);
    if (!turns_.empty()) {
      turn = turns_.front();
      turns_.pop_front();
    }
    job = {"/org/freedesktop/systemd1/job/" + std::to_string(next_job_++), unit, turn.text};
    if (turn.kind == Turn::Kind::hold) held_.push_back({job.job, unit, turn.text});
  }
  if (turn.kind == Turn::Kind::hang) return hanging_.push_back(std::move(call));
  if (turn.kind == Turn::Kind::refuse) throw sdbus::Error(turn.name, turn.text);
  if (turn.kind == Turn::Kind::early) removed(job);
  auto reply = call.createReply();
  reply << sdbus::ObjectPath(job.job);
  reply.send();
  if (turn.kind == Turn::Kind::work) removed(job);
}

void FakeSystemd::removed(const Held& job) {
  auto signal = manager_->createSignal(manager_interface, "JobRemoved");
  signal << std::uint32_t{1} << sdbus::ObjectPath(job.job) << job.unit << job.result;
  manager_->emitSignal(signal);
}

void FakeSystemd::record(Call call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
}

void FakeSystemd::next(Turn turn) {
  const std::lock_guard lock(mutex_);
  turns_.push_back(std::move(turn));
}

void FakeSystemd::finish_held() {
  std::vector<Held> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(held_);
  }
  for (const auto& job : jobs | std::views::reverse) removed(job);
}

void FakeSystemd::set_state(const std::string& name, const std::string& active_state,
                            const std::string& result) {
  auto& unit = units_[name];
  unit.active_state = active_state;
  unit.result = result;
  unit.object = sdbus::createObject(*bus_, dbus::unit_path(name));
  unit.object->registerProperty("org.freedesktop.systemd1.Unit", "ActiveState", "s",
                                [&unit](sdbus::PropertyGetReply& reply) { reply << unit.active_state; });
  unit.object->registerProperty("org.freedesktop.systemd1.Scope", "Result", "s",
                                [&unit](sdbus::PropertyGetReply& reply) { reply << unit.result; });
  unit.object->registerProperty(service_interface, "StatusText", "s",
                                [&unit](sdbus::PropertyGetReply& reply) { reply << unit.status; });
  unit.object->registerSignal("org.freedesktop.systemd1.Scope", "RequestStop", "");
  unit.object->finishRegistration();
}

void FakeSystemd::say(const std::string& unit, const std::string& status) {
  if (!units_.contains(unit)) set_state(unit, "activating", "success");
  units_[unit].status = status;
  units_[unit].object->emitPropertiesChangedSignal(service_interface, {"StatusText"});
}

void FakeSystemd::reload_done() {
  for (const bool begins : {true, false}) {
    auto signal = manager_->createSignal(manager_interface, "Reloading");
    signal << begins;
    manager_->emitSignal(signal);
  }
}

void FakeSystemd::request_stop(const std::string& unit, const std::string& destination) {
  set_state(unit, "active", "success");
  auto signal = units_[unit].object->createSignal("org.freedesktop.systemd1.Scope", "RequestStop");
  signal.setDestination(destination);
  units_[unit].object->emitSignal(signal);
}

void FakeSystemd::job_of_others() {
  removed({"/org/freedesktop/systemd1/job/0", "cron.service", "done"});
}

std::vector<FakeSystemd::Call> FakeSystemd::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::size_t FakeSystemd::count(const std::string& member) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(calls(), [&](const Call& call) { return call.member == member; }));
}

std::string FakeSystemd::subscriber() const {
  for (const auto& call : calls() | std::views::reverse) {
    if (call.member == "Subscribe") return call.sender;
  }
  return {};
}

}  // namespace podsd::test

// SPDX-License-Identifier: Apache-2.0
#include "dbus/start_transient.hpp"

#include <cerrno>

#include "dbus/errors.hpp"

namespace podsd::dbus {

namespace {

/// The interface that has Result= of this kind of unit, "Scope" for "a.scope".
std::string kind_interface(const std::string& unit) {
  std::string kind = unit.substr(unit.rfind('.') + 1);
  if (!kind.empty() && kind[0] >= 'a' && kind[0] <= 'z') kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
  return kind;
}

std::string read_string(sdbus::MethodReply& reply) {
  sdbus::Variant value;
  reply >> value;
  return value.get<std::string>();
}

}  // namespace

StartTransient::StartTransient(PortState& port, std::string unit, std::vector<units::Property> properties,
                               units::Done<std::vector<std::string>> done)
    : OperationOf(port, "StartTransientUnit", std::move(unit), port.job_deadline, std::move(done)),
      properties_(std::move(properties)) {}

std::shared_ptr<StartTransient> StartTransient::self() {
  return std::static_pointer_cast<StartTransient>(shared_from_this());
}

void StartTransient::send() {
  for (auto& name : port().unknown.drop(unit(), properties_)) dropped_.push_back(std::move(name));
  const auto write = [this](sdbus::MethodCall& call) {
    call << unit() << "fail";
    append_properties(call, properties_);
    call.openContainer("(sa(sv))");
    call.closeContainer();
  };
  call_job(
      method(), write, [me = self()](const sdbus::Error& error) { me->refused(error); },
      [me = self()](const std::string& result) { me->job_over(result); });
}

void StartTransient::refused(const sdbus::Error& error) {
  if (error.getName() == error_property_read_only) {
    const auto name = refused_property(error.getMessage(), properties_);
    if (name.empty()) return fail(error);
    port().unknown.learn(unit(), name);
    return send();
  }
  if (error.getName() == error_unit_exists && !replaced_) return look_at_existing(error.getMessage());
  fail(error);
}

// UnitExists never means success: the unit that exists has the limits and the processes of somebody else's
// start.
void StartTransient::look_at_existing(const std::string& refusal) {
  call_get("Unit", "ActiveState",
           [me = self(), refusal](sdbus::MethodReply& reply, const sdbus::Error* error) {
             const std::string state = error == nullptr ? read_string(reply) : "inactive";
             if (state == "inactive" || state == "failed") return me->replace_existing();
             me->fail(refusal + " It is " + state, EEXIST);
           });
}

// All three go out at once: systemd takes them in order, and collects the unit in between. The first two fail
// where the unit has no pin of this connection, or is gone already.
void StartTransient::replace_existing() {
  replaced_ = true;
  const auto write = [this](sdbus::MethodCall& call) { call << unit(); };
  const auto ignore = [](sdbus::MethodReply&, const sdbus::Error*) {};
  call_manager("ResetFailedUnit", write, ignore);
  call_manager("UnrefUnit", write, ignore);
  send();
}

void StartTransient::job_over(const std::string& result) {
  if (result == "done") return finish(dropped_);
  call_get(kind_interface(unit()), "Result",
           [me = self(), result](sdbus::MethodReply& reply, const sdbus::Error* error) {
             std::string why = "the start job ended as " + result;
             if (error == nullptr) why += ", the unit's result is " + read_string(reply);
             me->fail(why, result == "timeout" ? ETIMEDOUT : result == "canceled" ? ECANCELED : 0);
           });
}

}  // namespace podsd::dbus

// SPDX-License-Identifier: Apache-2.0
#include "dbus/manager_watch.hpp"

#include <map>
#include <optional>

#include "dbus/labels.hpp"

namespace podsd::dbus {

namespace {

const Link::Target bus_daemon{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};
const Link::Target manager{"org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                           "org.freedesktop.systemd1.Manager"};

constexpr const char* owner_rule =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
    "member='NameOwnerChanged',arg0='org.freedesktop.systemd1'";
constexpr const char* job_rule =
    "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',"
    "interface='org.freedesktop.systemd1.Manager',member='JobRemoved'";
constexpr const char* reload_rule =
    "type='signal',sender='org.freedesktop.systemd1',path='/org/freedesktop/systemd1',"
    "interface='org.freedesktop.systemd1.Manager',member='Reloading'";
constexpr const char* stop_rule =
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.systemd1.Scope',"
    "member='RequestStop'";

constexpr const char* status_rule =
    "type='signal',sender='org.freedesktop.systemd1',interface='org.freedesktop.DBus.Properties',"
    "member='PropertiesChanged',arg0='org.freedesktop.systemd1.Service'";

/// What a PropertiesChanged says of StatusText.
std::optional<std::string> status_text(sdbus::Message& signal) {
  std::string interface;
  std::map<std::string, sdbus::Variant> changed;
  signal >> interface >> changed;
  const auto found = changed.find("StatusText");
  if (found == changed.end()) return std::nullopt;
  return found->second.get<std::string>();
}

}  // namespace

void ManagerWatch::attach(std::shared_ptr<Link> link) {
  link_ = std::move(link);
  owner_.clear();
  add_matches();
  listen_jobs(false);
  tell_daemon(false, status_rule);
  ask_owner();
}

void ManagerWatch::detach() {
  link_.reset();
  owner_.clear();
}

void ManagerWatch::add_matches() {
  auto& bus = link_->bus();
  bus.addMatch(owner_rule, guarded([this](sdbus::Message& signal) {
                 std::string name, before, now;
                 if (signal.getSender() != "org.freedesktop.DBus") return;
                 signal >> name >> before >> now;
                 owned_by(now);
               }),
               sdbus::floating_slot);
  bus.addMatch(job_rule, guarded([this](sdbus::Message& signal) {
                 if (!from_systemd(signal)) return;
                 std::uint32_t id = 0;
                 sdbus::ObjectPath job;
                 std::string unit, result;
                 signal >> id >> job >> unit >> result;
                 sinks_.job_removed(job, result);
               }),
               sdbus::floating_slot);
  bus.addMatch(reload_rule, guarded([this](sdbus::Message& signal) {
                 bool begins = true;
                 signal >> begins;
                 if (from_systemd(signal) && !begins) sinks_.reloaded();
               }),
               sdbus::floating_slot);
  bus.addMatch(stop_rule, guarded([this](sdbus::Message& signal) {
                 const auto unit = unit_of_path(signal.getPath());
                 if (from_systemd(signal) && unit) sinks_.request_stop(*unit);
               }),
               sdbus::floating_slot);
  bus.addMatch(status_rule, guarded([this](sdbus::Message& signal) {
                 const auto unit = unit_of_path(signal.getPath());
                 if (!from_systemd(signal) || !unit) return;
                 if (const auto text = status_text(signal)) sinks_.status_text(*unit, *text);
               }),
               sdbus::floating_slot);
}

bool ManagerWatch::from_systemd(const sdbus::Message& message) const {
  return !owner_.empty() && message.getSender() == owner_;
}

// The bus daemon keeps the order of what it is sent, so a rule added here is in force before a call sent
// after it can have any effect. sd-bus keeps its own end of the match all the time.
void ManagerWatch::tell_daemon(bool on, const std::string& rule) {
  if (!link_) return;
  link_->tell(bus_daemon, on ? "AddMatch" : "RemoveMatch", [&](sdbus::MethodCall& call) { call << rule; });
}

void ManagerWatch::listen_jobs(bool on) {
  tell_daemon(on, job_rule);
}

void ManagerWatch::listen_status(const std::string& unit, bool on) {
  tell_daemon(on, std::string(status_rule) + ",path='" + unit_path(unit) + "'");
}

void ManagerWatch::ask_owner() {
  link_->call(
      bus_daemon, "GetNameOwner", deadline_, [](sdbus::MethodCall& call) { call << manager.destination; },
      [this](sdbus::MethodReply& reply, const sdbus::Error* error) {
        if (error != nullptr) return;  // not there yet: NameOwnerChanged will tell
        std::string owner;
        reply >> owner;
        owned_by(owner);
      });
}

void ManagerWatch::owned_by(const std::string& owner) {
  if (owner == owner_) return;
  owner_ = owner;
  if (owner_.empty()) return;
  subscribe();
  sinks_.available();
}

// Reloading is sent only while somebody has subscribed; a manager that kept the subscription over its
// re-execution answers AlreadySubscribed.
void ManagerWatch::subscribe() {
  link_->call(manager, "Subscribe", deadline_, nullptr, [](sdbus::MethodReply&, const sdbus::Error*) {});
}

}  // namespace podsd::dbus

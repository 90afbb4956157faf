// SPDX-License-Identifier: Apache-2.0
// The port through which podsd speaks to systemd's manager. dbus/ implements it over the system bus;
// tests implement it in memory. It names only what pods need of org.freedesktop.systemd1(5).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "spec/result.hpp"

namespace podsd::units {

/// DeviceAllow of systemd.resource-control(5): a path or "char-NAME", and of "rwm" what is allowed.
using DeviceRules = std::vector<std::pair<std::string, std::string>>;

/// A value of a unit property, in the D-Bus type that systemd declares for it: b u t s as au ay a(ss).
using PropertyValue = std::variant<bool, std::uint32_t, std::uint64_t, std::string, std::vector<std::string>,
                                   std::vector<std::uint32_t>, std::vector<std::uint8_t>, DeviceRules>;

/// "infinity" of systemd's 64-bit limits (CGROUP_LIMIT_MAX).
inline constexpr std::uint64_t unlimited = UINT64_MAX;

struct Property {
  std::string name;
  PropertyValue value;
  bool operator==(const Property&) const = default;
};

/// A unit as ListUnitsByPatterns gives it.
struct UnitInfo {
  std::string name;
  std::string active_state;  ///< "active", "inactive", "failed", "activating", "deactivating"
  std::string sub_state;
};

template <typename T>
using Done = std::function<void(Result<T>)>;

/// What systemd tells without being asked. Called from the loop, never from inside a call of Systemd.
struct SystemdEvents {
  /// Somebody asked systemd to stop a scope whose Controller= is this connection (signal RequestStop).
  std::function<void(const std::string& unit)> request_stop;
  /// A bus connection exists (again): pins and controllers of earlier connections are gone; list and compare.
  std::function<void()> connected;
  /// The bus connection was lost; calls under way have failed or will.
  std::function<void()> disconnected;
  /// systemd finished a daemon-reload: applied limits are to be verified.
  std::function<void()> reloaded;
};

/// Every call returns at once; `done` is called exactly once, later, from the loop. Errors carry systemd's
/// text; Error::subject is the unit. A call has a deadline (25 s for jobs, 10 s else): then it fails with
/// ETIMEDOUT.
class Systemd {
 public:
  virtual ~Systemd() = default;

  /// StartTransientUnit(unit, mode "fail") and waits for the job's JobRemoved with result "done". A unit of
  /// that name that is dead, failed or pinned is reset and unreferenced first and the call repeated once; a
  /// live one is an error (EEXIST). A property that this systemd does not know (EROFS and its name) is left
  /// out and reported in `dropped`.
  virtual void start_transient(std::string unit, std::vector<Property> properties,
                               Done<std::vector<std::string>> done) = 0;

  /// StartUnit(mode "replace") of a unit that has a file, and waits, a day at most, for its start job; for a
  /// service of Type=oneshot that is its end. A start job that is under way is joined.
  /// `status` is called before `done`, any number of times, with the service's StatusText (sd_notify(3)) when
  /// it changes; it may be empty. No second call for the same unit while one is under way.
  virtual void start_unit(std::string unit, std::function<void(const std::string& text)> status,
                          Done<void> done) = 0;

  /// StopUnit(mode "replace") and waits for the job. A unit that is not loaded counts as stopped.
  virtual void stop_unit(std::string unit, Done<void> done) = 0;

  /// KillUnit(unit, "all", signal): every process of the unit's cgroup.
  virtual void kill_unit(std::string unit, int signal, Done<void> done) = 0;

  /// SetUnitProperties(unit, runtime = true).
  virtual void set_properties(std::string unit, std::vector<Property> properties, Done<void> done) = 0;

  /// Properties.Get of one string property; `interface` is "Unit", "Scope" or "Slice".
  virtual void get_string(std::string unit, std::string interface, std::string property,
                          Done<std::string> done) = 0;

  /// The same for a property of type t.
  virtual void get_number(std::string unit, std::string interface, std::string property,
                          Done<std::uint64_t> done) = 0;

  /// RefUnit: keeps a living unit loaded while this connection lives. Done twice it counts once.
  virtual void ref_unit(std::string unit, Done<void> done) = 0;

  /// UnrefUnit, and ResetFailedUnit where it failed, so that a dead unit goes away.
  virtual void release_unit(std::string unit, Done<void> done) = 0;

  /// ListUnitsByPatterns([], patterns): for start-up and reconnects only, never in a loop.
  virtual void list_units(std::vector<std::string> patterns, Done<std::vector<UnitInfo>> done) = 0;
};

}  // namespace podsd::units

// SPDX-License-Identifier: Apache-2.0
// podsd-runtime-systemd: asks systemd for a transient scope on behalf of podsd-runtime, which is static and
// knows no D-Bus. It runs only under `podsd-runtime --systemd-cgroup`, once per request, and is given all
// that it does as words:
//
//   podsd-runtime-systemd start SCOPE PROPERTY…   StartTransientUnit, and the end of its job
//   podsd-runtime-systemd set SCOPE PROPERTY…     SetUnitProperties, until the next boot
//   podsd-runtime-systemd stop SCOPE              StopUnit, the end of its job, ResetFailedUnit
//
// A PROPERTY is NAME=TYPE:VALUE, with D-Bus's signature as type (org.freedesktop.systemd1(5)): "b:true",
// "s:text", "t:number", "au:number", "ay:hexadecimal digits", "a(ss):first second,first second". What went
// wrong is one line on stderr, and exit status 1.
//
// Root talks to PID 1's own socket, as systemctl does, and to the system bus where that is closed; others to
// their own systemd.
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

#include "dbus/scope/property.hpp"

namespace {

constexpr std::uint64_t job_deadline_usec = 30'000'000;
constexpr const char* service = "org.freedesktop.systemd1";
constexpr const char* path = "/org/freedesktop/systemd1";
constexpr const char* manager = "org.freedesktop.systemd1.Manager";

[[noreturn]] void die(const char* what, const char* subject, const char* why) {
  std::fprintf(stderr, "%s %s: %s\n", what, subject, why);
  std::exit(1);
}

// What a request needs while it runs.
struct Talk {
  sd_bus* bus = nullptr;
  const char* unit = nullptr;
  const char* job = nullptr;  ///< object path, once known
  sd_bus_message* ended = nullptr;
};

sd_bus* connect() {
  sd_bus* bus = nullptr;
  if (geteuid() != 0) {
    if (int error = sd_bus_open_user(&bus); error < 0)
      die("cannot reach", "the user's systemd", std::strerror(-error));
    return bus;
  }
  if (sd_bus_new(&bus) >= 0 && sd_bus_set_address(bus, "unix:path=/run/systemd/private") >= 0 &&
      sd_bus_start(bus) >= 0)
    return bus;
  sd_bus_unref(bus);
  if (int error = sd_bus_open_system(&bus); error < 0) die("cannot reach", "systemd", std::strerror(-error));
  return bus;
}

// JobRemoved(u id, o job, s unit, s result): kept if it is this unit's, since it may come before the reply
// that tells the job's name.
int on_job_removed(sd_bus_message* message, void* data, sd_bus_error*) {
  auto* talk = static_cast<Talk*>(data);
  std::uint32_t id = 0;
  const char *job = nullptr, *unit = nullptr;
  if (sd_bus_message_read(message, "uos", &id, &job, &unit) < 0) return 0;
  if (std::strcmp(unit, talk->unit) != 0 || (talk->job != nullptr && std::strcmp(job, talk->job) != 0))
    return 0;
  sd_bus_message_unref(talk->ended);
  talk->ended = sd_bus_message_ref(message);
  return 0;
}

void watch_jobs(Talk& talk) {
  int error =
      sd_bus_match_signal(talk.bus, nullptr, nullptr, path, manager, "JobRemoved", on_job_removed, &talk);
  // Over a bus the signals are only sent to who asks; PID 1's own socket has them all.
  if (error >= 0 && sd_bus_is_bus_client(talk.bus) > 0)
    error = sd_bus_call_method(talk.bus, service, path, manager, "Subscribe", nullptr, nullptr, nullptr);
  if (error < 0) die("cannot watch the jobs of", talk.unit, std::strerror(-error));
}

std::uint64_t now_usec() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

// The job's result: "done", "failed", "canceled", …
const char* result_of(const Talk& talk) {
  std::uint32_t id = 0;
  const char *job = nullptr, *unit = nullptr, *result = nullptr;
  sd_bus_message_rewind(talk.ended, 1);
  if (sd_bus_message_read(talk.ended, "uoss", &id, &job, &unit, &result) < 0) return "unreadable";
  return talk.job != nullptr && std::strcmp(job, talk.job) != 0 ? nullptr : result;
}

void await_job(Talk& talk, sd_bus_message* reply) {
  if (sd_bus_message_read(reply, "o", &talk.job) < 0)
    die("cannot read the job of", talk.unit, "a reply of another type");
  const std::uint64_t end = now_usec() + job_deadline_usec;
  for (;;) {
    const char* result = talk.ended != nullptr ? result_of(talk) : nullptr;
    if (result != nullptr && std::strcmp(result, "done") == 0) return;
    if (result != nullptr) die("the job ended for", talk.unit, result);
    int worked = sd_bus_process(talk.bus, nullptr);
    if (worked < 0) die("lost systemd while it worked on", talk.unit, std::strerror(-worked));
    if (worked > 0) continue;
    const std::uint64_t now = now_usec();
    if (now >= end) die("no answer within 30 seconds about", talk.unit, std::strerror(ETIMEDOUT));
    sd_bus_wait(talk.bus, end - now);
  }
}

void check(int error, const char* what, const char* unit) {
  if (error < 0) die(what, unit, std::strerror(-error));
}

sd_bus_message* request(const Talk& talk, const char* method) {
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_method_call(talk.bus, &message, service, path, manager, method), "cannot ask for",
        talk.unit);
  return message;
}

void append_properties(const Talk& talk, sd_bus_message* message, char** words) {
  check(sd_bus_message_open_container(message, 'a', "(sv)"), "cannot ask for", talk.unit);
  for (; *words != nullptr; ++words)
    check(podsd::dbus::append_property(message, *words), "cannot set of", *words);
  check(sd_bus_message_close_container(message), "cannot ask for", talk.unit);
}

int reset_failed(const Talk& talk) {
  return sd_bus_call_method(talk.bus, service, path, manager, "ResetFailedUnit", nullptr, nullptr, "s",
                            talk.unit);
}

void start(Talk& talk, char** words) {
  watch_jobs(talk);
  for (bool again : {false, true}) {
    sd_bus_message* message = request(talk, "StartTransientUnit");
    check(sd_bus_message_append(message, "ss", talk.unit, "fail"), "cannot ask for", talk.unit);
    append_properties(talk, message, words);
    check(sd_bus_message_append(message, "a(sa(sv))", 0), "cannot ask for", talk.unit);
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message* reply = nullptr;
    if (sd_bus_call(talk.bus, message, 0, &error, &reply) >= 0) return await_job(talk, reply);
    // A failed unit of an earlier container keeps its name until it is forgotten.
    bool taken = sd_bus_error_has_name(&error, "org.freedesktop.systemd1.UnitExists") != 0;
    if (again || !taken || reset_failed(talk) < 0) die("cannot start", talk.unit, error.message);
  }
}

void set(Talk& talk, char** words) {
  sd_bus_message* message = request(talk, "SetUnitProperties");
  check(sd_bus_message_append(message, "sb", talk.unit, 1), "cannot ask for", talk.unit);
  append_properties(talk, message, words);
  sd_bus_error error = SD_BUS_ERROR_NULL;
  if (sd_bus_call(talk.bus, message, 0, &error, nullptr) < 0) die("cannot change", talk.unit, error.message);
}

void stop(Talk& talk) {
  watch_jobs(talk);
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message* reply = nullptr;
  int called = sd_bus_call_method(talk.bus, service, path, manager, "StopUnit", &error, &reply, "ss",
                                  talk.unit, "replace");
  if (called >= 0)
    await_job(talk, reply);
  else if (sd_bus_error_has_name(&error, "org.freedesktop.systemd1.NoSuchUnit") == 0)
    die("cannot stop", talk.unit, error.message);
  static_cast<void>(reset_failed(talk));  // an error where it has not failed, or is gone
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) die("usage:", "podsd-runtime-systemd", "start|set|stop SCOPE [NAME=TYPE:VALUE...]");
  const std::string_view verb = argv[1];
  Talk talk;
  talk.unit = argv[2];
  if (verb != "start" && verb != "set" && verb != "stop")
    die("unknown command", argv[1], "start, set or stop");
  talk.bus = connect();
  if (verb == "start") start(talk, argv + 3);
  if (verb == "set") set(talk, argv + 3);
  if (verb == "stop") stop(talk);
  sd_bus_flush_close_unref(talk.bus);
  return 0;
}

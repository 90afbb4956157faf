// SPDX-License-Identifier: Apache-2.0
#include "dbus/systemd_port.hpp"

#include <boost/asio/post.hpp>

#include <cerrno>

#include "dbus/errors.hpp"
#include "dbus/start_transient.hpp"

namespace podsd::dbus {

namespace asio = boost::asio;

namespace {

/// One row of ListUnitsByPatterns, org.freedesktop.systemd1(5).
using Row = sdbus::Struct<std::string, std::string, std::string, std::string, std::string, std::string,
                          sdbus::ObjectPath, std::uint32_t, std::string, sdbus::ObjectPath>;

std::vector<units::UnitInfo> read_rows(sdbus::MethodReply& reply) {
  std::vector<Row> rows;
  reply >> rows;
  std::vector<units::UnitInfo> infos;
  infos.reserve(rows.size());
  for (const auto& row : rows) infos.push_back({std::get<0>(row), std::get<3>(row), std::get<4>(row)});
  return infos;
}

Link::Write unit_argument(const std::string& unit) {
  return [&unit](sdbus::MethodCall& call) { call << unit; };
}

bool is_gone(const sdbus::Error& error) {
  const int code = errno_of(error.getName());
  return code == ENOENT || code == EUNATCH;
}

}  // namespace

SystemdPort::SystemdPort(asio::io_context& io, const ClientOptions& options, units::SystemdEvents events)
    : events_(std::move(events)),
      watch_(sinks(), options.call_deadline),
      state_{io,
             options.call_deadline,
             options.job_deadline,
             Jobs([this](bool on) { watch_.listen_jobs(on); }),
             nullptr,
             {},
             {}} {}

SystemdPort::~SystemdPort() {
  state_.alive.reset();
  detach();
}

void SystemdPort::notify(const std::function<void()>& event) {
  if (!event) return;
  asio::post(state_.io, [alive = std::weak_ptr(state_.alive), event] {
    if (!alive.expired()) event();
  });
}

ManagerWatch::Sinks SystemdPort::sinks() {
  return {
      .available = [this] { available(); },
      .reloaded = [this] { notify(events_.reloaded); },
      .request_stop =
          [this](const std::string& unit) {
            if (events_.request_stop) notify([this, unit] { events_.request_stop(unit); });
          },
      .job_removed = [this](const std::string& job,
                            const std::string& result) { state_.jobs.removed(job, result); },
      .status_text =
          [this](const std::string& unit, const std::string& text) {
            const auto found = status_.find(unit);
            if (found != status_.end()) notify([told = found->second, text] { told(text); });
          },
  };
}

// After a re-execution systemd may be another version, and may have ended jobs while nobody could hear of it.
void SystemdPort::available() {
  available_ = true;
  state_.unknown.forget();
  const auto under_way = state_.under_way;
  for (const auto& operation : under_way) operation->look_for_job();
  notify(events_.connected);
}

void SystemdPort::attach(const std::shared_ptr<Link>& link) {
  state_.link = link;
  watch_.attach(link);
}

void SystemdPort::detach() {
  const bool was_available = std::exchange(available_, false);
  state_.link.reset();
  watch_.detach();
  const auto under_way = state_.under_way;
  for (const auto& operation : under_way) operation->fail(no_bus(operation->method(), operation->unit()));
  if (was_available && state_.alive) notify(events_.disconnected);
}

std::shared_ptr<SystemdPort::VoidOperation> SystemdPort::begin_void(std::string method, std::string unit,
                                                                    units::Done<void> done) {
  auto operation = std::make_shared<VoidOperation>(state_, std::move(method), std::move(unit),
                                                   state_.call_deadline, std::move(done));
  operation->begin();
  return operation;
}

void SystemdPort::simple(const std::shared_ptr<VoidOperation>& operation, const Link::Write& write) {
  operation->call_manager(operation->method(), write,
                          [operation](sdbus::MethodReply&, const sdbus::Error* error) {
                            if (error != nullptr) return operation->fail(*error);
                            operation->finish({});
                          });
}

void SystemdPort::start_transient(std::string unit, std::vector<units::Property> properties,
                                  units::Done<std::vector<std::string>> done) {
  const auto operation =
      std::make_shared<StartTransient>(state_, std::move(unit), std::move(properties), std::move(done));
  operation->begin();
  operation->send();
}

void SystemdPort::start_unit(std::string unit, std::function<void(const std::string& text)> status,
                             units::Done<void> done) {
  constexpr auto deadline = std::chrono::hours(24);
  if (status) {
    watch_.listen_status(unit, true);
    status_[unit] = std::move(status);
    done = [this, unit, done = std::move(done)](const Result<void>& result) {
      watch_.listen_status(unit, false);
      status_.erase(unit);
      done(result);
    };
  }
  const auto operation =
      std::make_shared<VoidOperation>(state_, "StartUnit", std::move(unit), deadline, std::move(done));
  operation->begin();
  operation->call_job(
      "StartUnit", [&](sdbus::MethodCall& call) { call << operation->unit() << "replace"; },
      [operation](const sdbus::Error& error) { operation->fail(error); },
      [operation](const std::string& result) {
        if (result == "done") return operation->finish({});
        operation->fail("the start job ended as " + result, result == "timeout" ? ETIMEDOUT : 0);
      });
}

void SystemdPort::stop_unit(std::string unit, units::Done<void> done) {
  const auto operation = std::make_shared<VoidOperation>(state_, "StopUnit", std::move(unit),
                                                         state_.job_deadline, std::move(done));
  operation->begin();
  operation->call_job(
      "StopUnit", [&](sdbus::MethodCall& call) { call << operation->unit() << "replace"; },
      [operation](const sdbus::Error& error) {
        if (is_gone(error)) return operation->finish({});
        operation->fail(error);
      },
      [operation](const std::string& result) {
        if (result == "done") return operation->finish({});
        operation->fail("the stop job ended as " + result, result == "timeout" ? ETIMEDOUT : 0);
      });
}

void SystemdPort::kill_unit(std::string unit, int signal, units::Done<void> done) {
  const auto operation = begin_void("KillUnit", std::move(unit), std::move(done));
  simple(operation, [&](sdbus::MethodCall& call) {
    call << operation->unit() << "all" << static_cast<std::int32_t>(signal);
  });
}

void SystemdPort::set_properties(std::string unit, std::vector<units::Property> properties,
                                 units::Done<void> done) {
  const auto operation = begin_void("SetUnitProperties", std::move(unit), std::move(done));
  state_.unknown.drop(operation->unit(), properties);
  if (properties.empty()) return operation->finish({});
  simple(operation, [&](sdbus::MethodCall& call) {
    call << operation->unit() << true;
    append_properties(call, properties);
  });
}

template <typename T>
void SystemdPort::get(std::string unit, std::string interface, std::string property, units::Done<T> done) {
  const auto operation = std::make_shared<OperationOf<T>>(state_, "Get " + property, std::move(unit),
                                                          state_.call_deadline, std::move(done));
  operation->begin();
  operation->call_get(interface, property, [operation](sdbus::MethodReply& reply, const sdbus::Error* error) {
    if (error != nullptr) return operation->fail(*error);
    sdbus::Variant value;
    reply >> value;
    operation->finish(value.get<T>());
  });
}

void SystemdPort::get_string(std::string unit, std::string interface, std::string property,
                             units::Done<std::string> done) {
  get<std::string>(std::move(unit), std::move(interface), std::move(property), std::move(done));
}

void SystemdPort::get_number(std::string unit, std::string interface, std::string property,
                             units::Done<std::uint64_t> done) {
  get<std::uint64_t>(std::move(unit), std::move(interface), std::move(property), std::move(done));
}

void SystemdPort::ref_unit(std::string unit, units::Done<void> done) {
  const auto operation = begin_void("RefUnit", std::move(unit), std::move(done));
  // References are counted, and those of a living connection outlast a daemon-reexec: a second one would keep
  // the unit loaded for good.
  operation->call_manager("UnrefUnit", unit_argument(operation->unit()),
                          [](sdbus::MethodReply&, const sdbus::Error*) {});
  simple(operation, unit_argument(operation->unit()));
}

void SystemdPort::release_unit(std::string unit, units::Done<void> done) {
  const auto operation = begin_void("UnrefUnit", std::move(unit), std::move(done));
  const auto write = unit_argument(operation->unit());
  // systemd answers in the order of the calls, so the second reply ends both.
  operation->call_manager("ResetFailedUnit", write,
                          [operation](sdbus::MethodReply&, const sdbus::Error* error) {
                            if (error == nullptr || is_gone(*error)) return;
                            operation->fail(*error);
                          });
  operation->call_manager("UnrefUnit", write, [operation](sdbus::MethodReply&, const sdbus::Error* error) {
    if (error != nullptr && !is_gone(*error)) return operation->fail(*error);
    operation->finish({});
  });
}

void SystemdPort::list_units(std::vector<std::string> patterns,
                             units::Done<std::vector<units::UnitInfo>> done) {
  using List = OperationOf<std::vector<units::UnitInfo>>;
  const auto operation = std::make_shared<List>(state_, "ListUnitsByPatterns", std::string(),
                                                state_.call_deadline, std::move(done));
  operation->begin();
  operation->call_manager(
      "ListUnitsByPatterns", [&](sdbus::MethodCall& call) { call << std::vector<std::string>() << patterns; },
      [operation](sdbus::MethodReply& reply, const sdbus::Error* error) {
        if (error != nullptr) return operation->fail(*error);
        operation->finish(read_rows(reply));
      });
}

}  // namespace podsd::dbus

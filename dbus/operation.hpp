// SPDX-License-Identifier: Apache-2.0
// One call of units::Systemd under way: answers exactly once, with a deadline over all of its steps.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>

#include "dbus/jobs.hpp"
#include "dbus/link.hpp"
#include "dbus/properties.hpp"
#include "units/systemd.hpp"

namespace podsd::dbus {

class Operation;

/// What the calls of one port share.
struct PortState {
  boost::asio::io_context& io;
  std::chrono::milliseconds call_deadline;
  std::chrono::milliseconds job_deadline;
  Jobs jobs;
  std::shared_ptr<Link> link;  ///< none while there is no bus
  UnknownProperties unknown;   ///< by this connection's systemd
  std::unordered_set<std::shared_ptr<Operation>> under_way;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  ///< expired: nobody wants an answer any more
};

class Operation : public std::enable_shared_from_this<Operation> {
 public:
  Operation(PortState& port, std::string method, std::string unit, std::chrono::milliseconds deadline);
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// Enters it among the calls under way and starts its clock.
  void begin();
  virtual void fail(Error error) = 0;
  void fail(const sdbus::Error& error);
  void fail(const std::string& why, int code);

  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] const std::string& method() const { return method_; }

  /// Calls org.freedesktop.systemd1.Manager. `on_reply` is not called after the end of this operation.
  void call_manager(const std::string& member, const Link::Write& write, Link::OnReply on_reply);
  /// Reads one string property of `unit()`; `interface` is "Unit", "Scope", "Slice", …
  void call_get(const std::string& interface, const std::string& property, Link::OnReply on_reply);
  /// Calls a method of the manager that makes a job, and waits for its result.
  void call_job(const std::string& member, const Link::Write& write,
                std::function<void(const sdbus::Error&)> on_refused, Jobs::OnResult on_result);

  /// Where this waits for a job: asks whether it still exists. Where it does not, its JobRemoved was missed,
  /// and the unit's state decides what its result was.
  void look_for_job();

 protected:
  /// Leaves the calls under way; false where it had ended before.
  bool end();
  [[nodiscard]] PortState& port() { return port_; }

 private:
  void judge_by_state();
  void send(const Link::Target& target, const std::string& member, const Link::Write& write,
            Link::OnReply on_reply);

  PortState& port_;
  std::string method_;
  std::string unit_;
  std::chrono::milliseconds limit_;
  boost::asio::steady_timer deadline_;
  std::unique_ptr<Jobs::Ticket> ticket_;
  bool job_starts_ = false;  ///< the job's aim: an active unit, else an inactive one
  bool ended_ = false;
};

template <typename T>
class OperationOf : public Operation {
 public:
  OperationOf(PortState& port, std::string method, std::string unit, std::chrono::milliseconds deadline,
              units::Done<T> done)
      : Operation(port, std::move(method), std::move(unit), deadline), done_(std::move(done)) {}

  using Operation::fail;
  void fail(Error error) override { finish(std::unexpected(std::move(error))); }

  void finish(Result<T> result) {
    if (!end()) return;
    // Posted, so that the agent's code never runs inside sd-bus, nor inside the call that it made.
    boost::asio::post(port().io, [alive = std::weak_ptr(port().alive), done = std::move(done_),
                                  result = std::move(result)]() mutable {
      if (!alive.expired() && done) done(std::move(result));
    });
  }

 private:
  units::Done<T> done_;
};

}  // namespace podsd::dbus

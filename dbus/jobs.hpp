// SPDX-License-Identifier: Apache-2.0
// Brings together the reply that names a job and the JobRemoved that ends it, in whichever order they come.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace podsd::dbus {

class Jobs {
 public:
  using OnResult = std::function<void(const std::string& result)>;

  /// A call that makes a job: while a ticket lives, JobRemoved is listened to.
  class Ticket {
   public:
    explicit Ticket(Jobs& jobs);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    /// The call's reply named its job. `on_result` gets the job's result, at once where the job is already
    /// over, and never after the ticket's end.
    void wait(const std::string& path, OnResult on_result);

    /// The job's object path; empty before its reply came.
    [[nodiscard]] const std::string& path() const { return path_; }

   private:
    friend class Jobs;
    Jobs& jobs_;
    std::string path_;
    OnResult on_result_;
  };

  /// `listen` is called with true before the first ticket and with false after the last.
  explicit Jobs(std::function<void(bool)> listen) : listen_(std::move(listen)) {}

  [[nodiscard]] std::unique_ptr<Ticket> expect() { return std::make_unique<Ticket>(*this); }

  /// JobRemoved came.
  void removed(const std::string& path, const std::string& result);

  [[nodiscard]] bool busy() const { return !tickets_.empty(); }

 private:
  [[nodiscard]] bool reply_due() const;

  std::function<void(bool)> listen_;
  std::set<Ticket*> tickets_;
  std::map<std::string, std::string> early_;  ///< results of jobs whose reply may still be on its way
};

}  // namespace podsd::dbus

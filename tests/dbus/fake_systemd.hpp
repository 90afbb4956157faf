// SPDX-License-Identifier: Apache-2.0
// An object that owns org.freedesktop.systemd1 on a test's bus, with a thread of its own, and misbehaves as
// told.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace podsd::test {

class FakeSystemd {
 public:
  /// What it does with one call that makes a job.
  struct Turn {
    enum class Kind {
      work,    ///< reply, then JobRemoved with `text` as result
      early,   ///< JobRemoved first, then the reply
      hold,    ///< reply only; the job ends with finish_held()
      refuse,  ///< D-Bus error `name` with `text`
      hang,    ///< no reply at all
    } kind = Kind::work;
    std::string text = "done";
    std::string name = {};
  };

  struct Call {
    std::string member;
    std::string unit;
    std::vector<std::string> properties = {};
    std::string sender = {};
  };

  /// `prepare` runs before anybody can call.
  explicit FakeSystemd(const std::string& address, const std::function<void(FakeSystemd&)>& prepare = {});
  ~FakeSystemd();

  void next(Turn turn);  ///< for the next call that makes a job; without one it works
  void finish_held();    ///< JobRemoved for all held jobs, the last one first
  void set_state(const std::string& unit, const std::string& active_state, const std::string& result);
  /// The unit's service tells its status (PropertiesChanged of StatusText).
  void say(const std::string& unit, const std::string& status);
  void reload_done();
  /// Sends RequestStop for the unit to one connection only.
  void request_stop(const std::string& unit, const std::string& destination);
  void job_of_others();  ///< a JobRemoved that concerns nobody here

  [[nodiscard]] std::vector<Call> calls() const;
  [[nodiscard]] std::size_t count(const std::string& member) const;
  [[nodiscard]] std::string subscriber() const;

 private:
  struct Unit {
    std::string active_state;
    std::string result;
    std::string status;
    std::unique_ptr<sdbus::IObject> object;
  };
  struct Held {
    std::string job;
    std::string unit;
    std::string result;
  };

  void register_manager();
  void take_turn(sdbus::MethodCall call, const std::string& unit);
  void record(Call call);
  void removed(const Held& job);
  void plain(const std::string& member, const std::string& signature);

  mutable std::mutex mutex_;
  std::deque<Turn> turns_;
  std::vector<Call> calls_;
  std::vector<Held> held_;
  std::map<std::string, Unit> units_;
  unsigned next_job_ = 1;
  std::unique_ptr<sdbus::IConnection> bus_;
  std::vector<sdbus::MethodCall> hanging_;
  std::unique_ptr<sdbus::IObject> manager_;
};

}  // namespace podsd::test

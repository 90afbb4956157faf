// SPDX-License-Identifier: Apache-2.0
// The agent as podsctl sees it, in memory, and a terminal that keeps what was written.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "agent/cli/command.hpp"
#include "agent/sandbox/protocol.hpp"

namespace podsd::cli::test {

struct FakeAgent {
  std::map<std::string, std::string> pods;  ///< "ns/name" → JSON
  std::string act_error;                    ///< D-Bus error name; empty: it succeeds
  int exec_status = 0;
  std::string image = R"({"name":"docker.io/library/a:1","digest":"sha256:1","id":"sha256:2","size":3})";
  std::vector<std::string> progress{"1048576 of 73400320 bytes", "unpacking"};
  dbus::Attached attached{"c", true, true, false};
  std::map<std::string, dbus::Traffic> traffic;  ///< by slice
  std::string root;                              ///< of every container
  std::string connect_error;                     ///< D-Bus error name; empty: it is there
  std::vector<std::string> calls;

  [[nodiscard]] Connect connect();
};

class FakeProxy final : public dbus::ManagerProxy {
 public:
  explicit FakeProxy(FakeAgent& agent) : agent_(agent) {}

  Result<std::string> list_pods(const std::string& ns) override {
    agent_.calls.push_back("ListPods " + ns);
    std::string out;
    for (const auto& [key, json] : agent_.pods) {
      if (ns.empty() || key.starts_with(ns + "/")) out += (out.empty() ? "" : ",") + json;
    }
    return "[" + out + "]";
  }

  Result<std::string> get_pod(const std::string& ns, const std::string& name) override {
    agent_.calls.push_back("GetPod " + ns + " " + name);
    const auto found = agent_.pods.find(ns + "/" + name);
    if (found == agent_.pods.end()) return fail("no such pod", "org.podsd1.Error.NoSuchPod");
    return found->second;
  }

  Result<void> act(const std::string& verb, const std::string& ns, const std::string& name,
                   const std::string& container) override {
    agent_.calls.push_back(verb + " " + ns + " " + name + " " + container);
    if (!agent_.act_error.empty()) return fail("it failed", agent_.act_error);
    return {};
  }

  Result<std::string> pull_image(const std::string& reference, int progress) override {
    agent_.calls.push_back("PullImage " + reference + (progress < 0 ? "" : " (progress)"));
    for (const std::string& told : agent_.progress)
      if (progress >= 0 && ::send(progress, told.data(), told.size(), 0) < 0) return fail("cannot send");
    return agent_.image;
  }

  Result<int> exec(const dbus::ExecCall& call, const std::vector<int>& fds) override {
    std::string line = "Exec " + call.ns + " " + call.name + " " + call.container;
    for (const std::string& word : call.command) line += " " + word;
    agent_.calls.push_back(line + (fds.size() == dbus::exec_fds ? " (terminal)" : ""));
    if (!agent_.act_error.empty()) return fail("it failed", agent_.act_error);
    if (agent_.exec_status < 0) return -1;  // the pipe closes without a status
    const int status = agent_.exec_status << 8;
    if (::write(fds[dbus::exec_status], &status, sizeof status) != sizeof status) return fail("cannot write");
    return -1;
  }

  Result<dbus::Attached> attach(const dbus::AttachCall& call, const std::vector<int>& fds) override {
    agent_.calls.push_back("Attach " + call.ns + " " + call.name + " " + call.container +
                           (call.input ? " (input)" : ""));
    if (!agent_.act_error.empty()) return fail("it failed", agent_.act_error);
    if (agent_.exec_status < 0) return agent_.attached;  // the socket closes without an end
    if (::write(fds[dbus::attach_out], "output\n", 7) != 7) return fail("cannot write");
    const sandbox::SessionEnd end{sandbox::SessionEnd::child_ended, agent_.exec_status << 8};
    if (::send(fds[dbus::attach_control], &end, sizeof end, 0) != sizeof end) return fail("cannot send");
    return agent_.attached;
  }

  Result<dbus::ContainerRoot> open_root(const std::string& ns, const std::string& name,
                                        const std::string& container) override {
    agent_.calls.push_back("OpenRoot " + ns + " " + name + " " + container);
    if (!agent_.act_error.empty()) return fail("it failed", agent_.act_error);
    return dbus::ContainerRoot{::open(agent_.root.c_str(), O_PATH | O_CLOEXEC),
                               ::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), 1234, 5678};
  }

  Result<std::optional<dbus::Traffic>> traffic(const std::string& slice) override {
    const auto found = agent_.traffic.find(slice);
    return found == agent_.traffic.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  FakeAgent& agent_;
};

inline Connect FakeAgent::connect() {
  return [this]() -> Result<std::unique_ptr<dbus::ManagerProxy>> {
    if (!connect_error.empty()) return fail("cannot connect", connect_error);
    return std::make_unique<FakeProxy>(*this);
  };
}

struct Screen {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err};
};

}  // namespace podsd::cli::test

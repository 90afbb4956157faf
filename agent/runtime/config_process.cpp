// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/config_parts.hpp"

namespace podsd::runtime {
namespace {

Capabilities read_capabilities(const Node& node) {
  return {node.at("bounding").texts(), node.at("effective").texts(), node.at("permitted").texts(),
          node.at("inheritable").texts(), node.at("ambient").texts()};
}

void read_user(const Node& node, Process& process) {
  process.uid = read_id(node.at("uid"));
  process.gid = read_id(node.at("gid"));
  process.umask = static_cast<std::uint32_t>(node.at("umask").number(0, 0777, 0022));
  node.at("additionalGids").each([&](const Node& gid) { process.additional_gids.push_back(read_id(gid)); });
}

void read_scheduling(const Node& node, Process& process) {
  if (Node scheduler = node.at("scheduler"); scheduler.present())
    process.scheduler = read_scheduler(scheduler);
  if (Node priority = node.at("ioPriority"); priority.present())
    process.io_priority = read_io_priority(priority);
  process.initial_cpus = read_cpus(node.at("execCPUAffinity").at("initial"));
  process.final_cpus = read_cpus(node.at("execCPUAffinity").at("final"));
}

}  // namespace

Process read_process(const Node& node) {
  Process process;
  process.args = node.at("args").texts();
  if (process.args.empty()) node.at("args").complain("must have at least one word");
  process.env = node.at("env").texts();
  process.cwd = read_absolute_path(node.at("cwd"));
  process.capabilities = read_capabilities(node.at("capabilities"));
  process.no_new_privileges = node.at("noNewPrivileges").flag();
  process.terminal = node.at("terminal").flag();
  if (Node size = node.at("consoleSize"); process.terminal && size.present()) {
    process.terminal_rows = static_cast<std::uint16_t>(size.at("height").number(0, UINT16_MAX));
    process.terminal_columns = static_cast<std::uint16_t>(size.at("width").number(0, UINT16_MAX));
  }
  read_user(node.at("user"), process);
  node.at("rlimits").each([&](const Node& limit) {
    process.rlimits.push_back(
        {limit.at("type").text(), limit.at("soft").unsigned_number(), limit.at("hard").unsigned_number()});
  });
  read_scheduling(node, process);
  process.apparmor = node.at("apparmorProfile").text();
  process.selinux = node.at("selinuxLabel").text();
  if (Node score = node.at("oomScoreAdj"); score.present())
    process.oom_score_adj = static_cast<int>(score.number(-1000, 1000));
  return process;
}

}  // namespace podsd::runtime

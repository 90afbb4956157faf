// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/failure.hpp"

#include <sys/wait.h>

#include <optional>

#include "agent/one_line.hpp"

namespace podsd::network::cni {
namespace {

std::string text_of(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? one_line(it->get_ref<const std::string&>()) : "";
}

std::optional<PluginFailure> error_in(const std::string& output) {
  const auto json = parse_json(output);
  if (!json || !json->is_object()) return std::nullopt;
  PluginFailure failure;
  const Json code = json->value("code", Json());
  if (code.is_number_integer() && code.get<std::int64_t>() >= 0 && code.get<std::int64_t>() <= INT32_MAX)
    failure.code = code.get<int>();
  failure.text = text_of(*json, "msg");
  if (const std::string details = text_of(*json, "details"); !details.empty())
    failure.text += (failure.text.empty() ? "" : ": ") + details;
  if (failure.text.empty() && failure.code == 0) return std::nullopt;
  if (failure.code != 0)
    failure.text += (failure.text.empty() ? "code " : " (code ") + std::to_string(failure.code) +
                    (failure.text.empty() ? "" : ")");
  return failure;
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '\r')) text.pop_back();
  return one_line(std::string_view(text).substr(text.rfind('\n') + 1));
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "it was killed by signal " + std::to_string(WTERMSIG(status));
  return "it ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

PluginFailure failure_of(const PluginEnd& end, std::chrono::milliseconds deadline) {
  if (end.how == PluginEnd::How::took_too_long)
    return {0, "it took longer than " + std::to_string(deadline.count()) + " ms and was killed"};
  if (end.how == PluginEnd::How::wrote_too_much) return {0, "it wrote more than 1 MiB and was killed"};
  for (const std::string& output : {end.out, end.err})
    if (auto error = error_in(output)) return *error;
  // What Go writes when a plugin crashes, in front of its stacks.
  if (const auto panic = end.err.find("panic: ");
      panic == 0 || (panic != std::string::npos && end.err[panic - 1] == '\n'))
    return {0,
            how_it_ended(end.wait_status) + ": " + last_line(end.err.substr(0, end.err.find('\n', panic)))};
  const std::string said = !last_line(end.err).empty() ? last_line(end.err) : last_line(end.out);
  return {0, how_it_ended(end.wait_status) + (said.empty() ? "" : ": " + said)};
}

bool command_unknown(const PluginFailure& failure) {
  return failure.code == invalid_environment && failure.text.find("CNI_COMMAND") != std::string::npos;
}

}  // namespace podsd::network::cni

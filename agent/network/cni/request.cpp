// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/request.hpp"

namespace podsd::network::cni {
namespace {

constexpr policies::CniCommand commands[] = {policies::CniCommand::add, policies::CniCommand::del,
                                             policies::CniCommand::check, policies::CniCommand::gc};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_text(const Request& request) {
  return dump({{"command", policies::cni_name(request.command)},
               {"id", request.pod.id},
               {"netns", request.pod.netns},
               {"args", request.pod.args},
               {"runtime", request.pod.runtime},
               {"configs", request.settings.configs.string()},
               {"plugins", request.settings.plugins},
               {"deadline", request.settings.deadline.count()}});
}

Result<Request> request_from(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Request request;
    const auto name = json.at("command").get<std::string>();
    bool known = false;
    for (const auto command : commands) {
      if (policies::cni_name(command) != name) continue;
      request.command = command;
      known = true;
    }
    if (!known) return fail("no command of CNI", name);
    request.pod = {json.at("id").get<std::string>(), json.at("netns").get<std::string>(),
                   json.at("args").get<std::string>(), json.at("runtime")};
    request.settings = {json.at("configs").get<std::string>(),
                        json.at("plugins").get<std::vector<std::string>>(),
                        std::chrono::milliseconds(json.at("deadline").get<std::int64_t>())};
    return request;
  } catch (const Json::exception& error) {
    return fail("no request to podsd-cni", error.what());
  }
}

std::string to_text(const Result<Attachment>& outcome) {
  if (!outcome) return dump({{"error", outcome.error().message()}});
  return dump({{"attachment", to_json(*outcome)}});
}

Result<Attachment> outcome_from(const std::string& text) {
  const auto json = parse_json(text);
  if (json && json->is_object()) {
    if (const Json error = json->value("error", Json()); error.is_string())
      return fail(error.get<std::string>());
    if (auto attachment = attachment_from(json->value("attachment", Json()))) return std::move(*attachment);
  }
  return fail("podsd-cni gave no outcome");
}

}  // namespace podsd::network::cni

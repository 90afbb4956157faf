// SPDX-License-Identifier: Apache-2.0
#include "agent/state_json.hpp"

#include <nlohmann/json.hpp>

#include "agent/kube/pod_json.hpp"
#include "spec/manifest.hpp"

namespace podsd::units {
namespace {

using Json = nlohmann::json;

}  // namespace

void to_json(Json& j, const Terminated& t) {
  j = {{"exitCode", t.exit_code},      {"signal", t.signal},        {"reason", t.reason},
       {"message", t.message},         {"startedAt", t.started_at}, {"finishedAt", t.finished_at},
       {"containerID", t.container_id}};
}

void from_json(const Json& j, Terminated& t) {
  j.at("exitCode").get_to(t.exit_code);
  j.at("signal").get_to(t.signal);
  j.at("reason").get_to(t.reason);
  j.at("message").get_to(t.message);
  j.at("startedAt").get_to(t.started_at);
  j.at("finishedAt").get_to(t.finished_at);
  j.at("containerID").get_to(t.container_id);
}

void to_json(Json& j, const Condition& c) {
  j = {{"type", c.type},
       {"status", c.status},
       {"at", c.last_transition},
       {"reason", c.reason},
       {"message", c.message}};
}

void from_json(const Json& j, Condition& c) {
  j.at("type").get_to(c.type);
  j.at("status").get_to(c.status);
  j.at("at").get_to(c.last_transition);
  j.at("reason").get_to(c.reason);
  j.at("message").get_to(c.message);
}

void to_json(Json& j, const Container& c) {
  j = {{"name", c.name},
       {"init", c.init},
       {"run", static_cast<int>(c.run)},
       {"after", static_cast<int>(c.after)},
       {"attempt", c.attempt},
       {"restarts", c.restarts},
       {"pid", c.pid},
       {"startedAt", c.started_at},
       {"deadline", c.deadline},
       {"reason", c.reason},
       {"message", c.message},
       {"imageID", c.image_id},
       {"failures", c.backoff.failures},
       {"lastDelay", c.backoff.last_usec},
       {"pulling", c.pulling},
       {"pulledImages", c.pulled},
       {"pullFailures", c.pull_backoff.failures},
       {"lastPullDelay", c.pull_backoff.last_usec},
       {"pullAt", c.pull_at},
       {"pullError", c.pull_error}};
  if (c.last) j["last"] = *c.last;
}

void from_json(const Json& j, Container& c) {
  j.at("name").get_to(c.name);
  j.at("init").get_to(c.init);
  c.run = static_cast<Run>(j.at("run").get<int>());
  c.after = static_cast<After>(j.at("after").get<int>());
  j.at("attempt").get_to(c.attempt);
  j.at("restarts").get_to(c.restarts);
  j.at("pid").get_to(c.pid);
  j.at("startedAt").get_to(c.started_at);
  j.at("deadline").get_to(c.deadline);
  j.at("reason").get_to(c.reason);
  j.at("message").get_to(c.message);
  j.at("imageID").get_to(c.image_id);
  j.at("failures").get_to(c.backoff.failures);
  j.at("lastDelay").get_to(c.backoff.last_usec);
  c.pulling = j.value("pulling", std::string());
  c.pulled = j.value("pulledImages", std::set<std::string>());
  c.pull_backoff.failures = j.value("pullFailures", 0U);
  c.pull_backoff.last_usec = j.value("lastPullDelay", std::int64_t{0});
  c.pull_at = j.value("pullAt", units::Instant{0});
  c.pull_error = j.value("pullError", std::string());
  if (j.contains("last")) c.last = j.at("last").get<Terminated>();
}

}  // namespace podsd::units

namespace podsd::agent {
namespace {

using Json = nlohmann::json;

constexpr int format = 1;

/// The pod as a manifest: what spec/ reads, so that there is one reader of pods.
std::string manifest_of(const spec::Pod& pod) {
  auto object = kube::pod_json(pod, {});
  object.erase("status");
  return object.dump();
}

Result<spec::Pod> pod_of(const std::string& text) {
  spec::Manifest manifest = spec::parse_manifest(text, "state");
  if (manifest.pods.size() == 1) return std::move(manifest.pods.front());
  return fail(manifest.diagnostics.empty() ? "no pod" : manifest.diagnostics.front().text());
}

/// The limits that living units were given: every live property is a number.
Json applied_limits(const units::State& state) {
  Json units = Json::object();
  for (const auto& [unit, properties] : state.applied) {
    Json& limits = units[unit] = Json::object();
    for (const units::Property& p : properties) limits[p.name] = std::get<std::uint64_t>(p.value);
  }
  return units;
}

void read_state(const Json& j, units::State& s) {
  s.stage = static_cast<units::Stage>(j.at("stage").get<int>());
  s.intent = static_cast<units::Intent>(j.at("intent").get<int>());
  s.containers = j.at("containers").get<std::vector<units::Container>>();
  s.conditions = j.at("conditions").get<std::vector<units::Condition>>();
  j.at("startTime").get_to(s.start_time);
  j.at("retryAt").get_to(s.retry_at);
  j.at("failures").get_to(s.backoff.failures);
  j.at("lastDelay").get_to(s.backoff.last_usec);
  j.at("reason").get_to(s.reason);
  j.at("message").get_to(s.message);
  j.at("manifestError").get_to(s.manifest_error);
  for (const auto& [unit, limits] : j.at("applied").items()) {
    auto& properties = s.applied[unit];
    for (const auto& [name, value] : limits.items()) properties.push_back({name, value.get<std::uint64_t>()});
  }
}

}  // namespace

std::string to_json(const Kept& kept) {
  const units::State& s = kept.state;
  Json j{{"format", format},
         {"manifest", kept.manifest},
         {"pod", manifest_of(s.pod)},
         {"stage", static_cast<int>(s.stage)},
         {"intent", static_cast<int>(s.intent)},
         {"containers", s.containers},
         {"conditions", s.conditions},
         {"startTime", s.start_time},
         {"retryAt", s.retry_at},
         {"failures", s.backoff.failures},
         {"lastDelay", s.backoff.last_usec},
         {"reason", s.reason},
         {"message", s.message},
         {"manifestError", s.manifest_error},
         {"applied", applied_limits(s)}};
  if (s.next) j["next"] = manifest_of(*s.next);
  return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Kept> from_json(const std::string& text, const units::NodeFacts& node) {
  try {
    const Json j = Json::parse(text);
    if (j.at("format").get<int>() != format) return fail("state of another format");
    auto pod = pod_of(j.at("pod").get<std::string>());
    if (!pod) return fail("state holds a pod that is not valid", "", pod.error());
    Kept kept{units::begin(std::move(*pod), node), j.at("manifest").get<std::string>()};
    read_state(j, kept.state);
    if (j.contains("next")) {
      auto next = pod_of(j.at("next").get<std::string>());
      if (!next) return std::unexpected(next.error());
      kept.state.next = std::move(*next);
    }
    return kept;
  } catch (const Json::exception& error) {
    return fail("cannot read the state", error.what());
  }
}

}  // namespace podsd::agent

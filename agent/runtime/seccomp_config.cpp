// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/runtime/json_node.hpp"
#include "agent/runtime/seccomp.hpp"

namespace podsd::runtime {
namespace {

using policies::SeccompAction;
using policies::SeccompOp;

template <typename T>
struct Word {
  std::string_view name;
  T value;
};

constexpr Word<SeccompAction> actions[] = {
    {"SCMP_ACT_KILL", SeccompAction::kill_thread},
    {"SCMP_ACT_KILL_THREAD", SeccompAction::kill_thread},
    {"SCMP_ACT_KILL_PROCESS", SeccompAction::kill_process},
    {"SCMP_ACT_TRAP", SeccompAction::trap},
    {"SCMP_ACT_ERRNO", SeccompAction::error},
    {"SCMP_ACT_TRACE", SeccompAction::trace},
    {"SCMP_ACT_LOG", SeccompAction::log},
    {"SCMP_ACT_ALLOW", SeccompAction::allow},
    {"SCMP_ACT_NOTIFY", SeccompAction::notify},
};

constexpr Word<SeccompOp> ops[] = {
    {"SCMP_CMP_NE", SeccompOp::not_equal},           {"SCMP_CMP_LT", SeccompOp::less},
    {"SCMP_CMP_LE", SeccompOp::less_or_equal},       {"SCMP_CMP_EQ", SeccompOp::equal},
    {"SCMP_CMP_GE", SeccompOp::greater_or_equal},    {"SCMP_CMP_GT", SeccompOp::greater},
    {"SCMP_CMP_MASKED_EQ", SeccompOp::masked_equal},
};

constexpr std::string_view known_flags[] = {"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
                                            "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                                            "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};

// Those of libseccomp 2.5.
constexpr std::string_view architectures[] = {
    "SCMP_ARCH_AARCH64",   "SCMP_ARCH_ARM",      "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",
    "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",   "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
    "SCMP_ARCH_PARISC",    "SCMP_ARCH_PARISC64", "SCMP_ARCH_PPC",      "SCMP_ARCH_PPC64",
    "SCMP_ARCH_PPC64LE",   "SCMP_ARCH_RISCV64",  "SCMP_ARCH_S390",     "SCMP_ARCH_S390X",
    "SCMP_ARCH_X32",       "SCMP_ARCH_X86",      "SCMP_ARCH_X86_64"};

template <typename T, std::size_t N>
std::vector<std::string> names_of(const Word<T> (&words)[N]) {
  std::vector<std::string> names;
  for (const auto& word : words) names.emplace_back(word.name);
  return names;
}

template <typename T, std::size_t N>
T word(const Node& node, const Word<T> (&words)[N]) {
  std::string text = node.text();
  for (const auto& [name, value] : words)
    if (name == text) return value;
  node.complain(text.empty() ? "must not be empty" : "is not supported: " + text);
  return words[0].value;
}

std::optional<std::uint32_t> error_number(const Node& node) {
  constexpr std::int64_t max_errno = 4095;  // the kernel cuts what is above
  if (!node.present()) return {};
  return static_cast<std::uint32_t>(node.number(0, max_errno));
}

// Of the actions only these two have a number to give (config-linux.md, "Seccomp").
std::optional<std::uint32_t> error_number_of(const Node& node, SeccompAction action) {
  if (node.present() && action != SeccompAction::error && action != SeccompAction::trace)
    node.complain("is for SCMP_ACT_ERRNO and SCMP_ACT_TRACE only");
  return error_number(node);
}

policies::SeccompArgument read_argument(const Node& node) {
  policies::SeccompArgument argument;
  argument.index = static_cast<unsigned>(node.at("index").number(0, 5));
  argument.value = node.at("value").unsigned_number();
  if (Node two = node.at("valueTwo"); two.present()) argument.value_two = two.unsigned_number();
  argument.op = word(node.at("op"), ops);
  return argument;
}

// Several comparisons of one argument are alternatives, since no kernel filter could hold all of them at once
// otherwise: other runtimes read a rule so, and profiles are written for it.
void add_rule(const Node& node, std::vector<policies::SeccompRule>& rules) {
  const SeccompAction action = word(node.at("action"), actions);
  policies::SeccompRule rule{
      node.at("names").texts(), action, error_number_of(node.at("errnoRet"), action), {}};
  if (rule.names.empty()) node.at("names").complain("must name at least one system call");
  unsigned seen = 0;
  bool repeated = false;
  node.at("args").each([&](const Node& one) {
    rule.arguments.push_back(read_argument(one));
    unsigned bit = 1U << rule.arguments.back().index;
    repeated = repeated || (seen & bit) != 0;
    seen |= bit;
  });
  if (!repeated) {
    rules.push_back(std::move(rule));
    return;
  }
  for (const auto& argument : std::exchange(rule.arguments, {})) {
    rules.push_back(rule);
    rules.back().arguments = {argument};
  }
}

// The listener itself is sent by sendmsg(2), before there is anyone who could answer for it.
void check_notifications(const Node& node, const policies::SeccompProfile& profile) {
  bool notifies = false;
  if (profile.default_action == SeccompAction::notify)
    node.at("defaultAction").complain("must not be SCMP_ACT_NOTIFY");
  for (const auto& rule : profile.rules) {
    if (rule.action != SeccompAction::notify) continue;
    notifies = true;
    if (std::ranges::count(rule.names, "sendmsg"))
      node.at("syscalls").complain("must not notify of sendmsg: the runtime sends the listener by it");
  }
  if (!notifies && std::ranges::count(profile.flags, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))
    node.at("flags").complain("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs SCMP_ACT_NOTIFY");
}

policies::SeccompProfile read_profile(const Node& node) {
  policies::SeccompProfile profile;
  profile.default_action = word(node.at("defaultAction"), actions);
  profile.default_error = error_number_of(node.at("defaultErrnoRet"), profile.default_action);
  node.at("architectures").each([&](const Node& one) {
    profile.architectures.push_back(one.text());
    if (!std::ranges::count(architectures, profile.architectures.back()))
      one.complain("is not known: " + profile.architectures.back());
  });
  node.at("flags").each([&](const Node& flag) {
    std::string text = flag.text();
    for (auto known : known_flags)
      if (text == known) return profile.flags.push_back(text);
    flag.complain("is not supported: " + text);
  });
  if (node.at("listenerMetadata").present() && node.at("listenerPath").text().empty())
    node.at("listenerMetadata").complain("needs a listenerPath");
  node.at("syscalls").each([&](const Node& one) { add_rule(one, profile.rules); });
  check_notifications(node, profile);
  return profile;
}

}  // namespace

std::vector<std::string> seccomp_action_names() {
  return names_of(actions);
}

std::vector<std::string> seccomp_operator_names() {
  return names_of(ops);
}

std::vector<std::string> seccomp_architecture_names() {
  return {std::begin(architectures), std::end(architectures)};
}

std::vector<std::string> seccomp_flag_names() {
  return {std::begin(known_flags), std::end(known_flags)};
}

Result<policies::SeccompProfile> parse_seccomp(std::string_view json) {
  auto document = nlohmann::json::parse(json, nullptr, false);
  if (!document.is_object()) return fail("must be an object", "linux.seccomp");
  std::optional<Error> error;
  auto profile = read_profile(Node(&document, "linux.seccomp", &error));
  if (error) return fail("config.json", error->subject + " " + error->what);
  return profile;
}

}  // namespace podsd::runtime

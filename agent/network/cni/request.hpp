// SPDX-License-Identifier: Apache-2.0
// What the agent and podsd-cni tell each other, in files of RUN/cni/INSTANCE.
#pragma once

#include <string>

#include "agent/network/cni/calls.hpp"
#include "agent/network/cni/operations.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

inline constexpr const char* request_file = "request";
inline constexpr const char* outcome_file = "outcome";

/// One operation: ADD, DEL or CHECK of a pod, or GC, which has none.
struct Request {
  policies::CniCommand command = policies::CniCommand::add;
  AddRequest pod;  ///< but for ADD only its id
  Settings settings;
};

[[nodiscard]] std::string to_text(const Request& request);
/// Errors: no request.
[[nodiscard]] Result<Request> request_from(const std::string& text);

/// What became of it; the attachment of anything but ADD is empty.
[[nodiscard]] std::string to_text(const Result<Attachment>& outcome);
/// Errors: the operation's own.
[[nodiscard]] Result<Attachment> outcome_from(const std::string& text);

}  // namespace podsd::network::cni

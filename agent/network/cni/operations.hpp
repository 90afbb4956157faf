// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "agent/network/cni/calls.hpp"
#include "agent/network/cni/records.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

/// What a pod's ADD needs to know.
struct AddRequest {
  std::string id;                 ///< of the sandbox
  std::string netns;              ///< where its namespace is pinned
  std::string args;               ///< CNI_ARGS
  Json runtime = Json::object();  ///< what runtimeConfig may have, by capability
};

/// A network's operations on its chain of plugins (CNI specification, section 3). Blocks, and is for one
/// process at a time per pod; collect() is for one at a time altogether.
class Operations {
 public:
  Operations(Calls calls, Records records) : calls_(std::move(calls)), records_(std::move(records)) {}

  /// ADD, forward, each plugin with the result of the one before. What is left of an earlier sandbox of that
  /// id is removed first. The record is on disk before this returns. After an error remove() is to follow.
  /// Errors: no usable network; STATUS says no (from 1.1.0 on); a plugin failed, whose chain ends there; no
  /// address.
  [[nodiscard]] Result<Attachment> add(const AddRequest& request);

  /// DEL, in reverse, with the configuration and the result of ADD; nothing to remove is no error. The chain
  /// ends at the first plugin that fails, as the specification wants it; the record stays then, for the next
  /// try.
  [[nodiscard]] Result<void> remove(const std::string& id);

  /// CHECK, forward. Nothing where the version has none, or the network wants none.
  [[nodiscard]] Result<void> check(const std::string& id);

  /// GC of what no pod has any more, with every plugin of the network that is chosen now, whichever of them
  /// fails. Nothing where the version has none, or the network wants none.
  [[nodiscard]] Result<void> collect();

 private:
  [[nodiscard]] Result<void> status(const Network& network, const std::string& version) const;
  [[nodiscard]] Result<void> run_add(const Network& network, Record& record) const;
  [[nodiscard]] Result<void> run_del(const Record& record) const;

  Calls calls_;
  Records records_;
};

}  // namespace podsd::network::cni

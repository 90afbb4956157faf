// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "agent/network/cni/json.hpp"
#include "agent/network/network.hpp"
#include "spec/result.hpp"

namespace podsd::network::cni {

/// What DEL, CHECK and GC need of an ADD, whatever became of the configuration since.
struct Record {
  std::string id;         ///< of the sandbox
  std::string container;  ///< CNI_CONTAINERID
  std::string netns;      ///< CNI_NETNS
  std::string interface;  ///< CNI_IFNAME
  std::string args;       ///< CNI_ARGS
  std::string version;    ///< of the specification
  Json network;           ///< Network::config
  Json runtime;           ///< the keys of runtimeConfig
  Json result;            ///< of the whole chain; null until ADD has succeeded
  Attachment attachment;  ///< likewise; no addresses until then
};

/// One file per pod, written before the first plugin is called and again when the last one has succeeded;
/// removed after DEL. It survives crashes and reboots: written, synced, renamed.
class Records {
 public:
  explicit Records(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Errors: the record cannot be read, or is damaged.
  [[nodiscard]] Result<std::optional<Record>> find(const std::string& id) const;
  /// All that can be read; `bad` gets an error for each other one.
  [[nodiscard]] std::vector<Record> all(std::vector<Error>& bad) const;
  [[nodiscard]] Result<void> keep(const Record& record);
  /// None is no error.
  [[nodiscard]] Result<void> remove(const std::string& id);

 private:
  [[nodiscard]] std::filesystem::path file_of(const std::string& id) const;

  std::filesystem::path folder_;
};

/// As it stands in records and outcomes.
[[nodiscard]] Json to_json(const Attachment& attachment);
[[nodiscard]] std::optional<Attachment> attachment_from(const Json& value);

}  // namespace podsd::network::cni

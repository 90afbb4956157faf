// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/records.hpp"

#include <unistd.h>

#include <cerrno>

#include "agent/os/files.hpp"
#include "policies/cni.hpp"

namespace podsd::network::cni {
namespace {

/// A result and a configuration have a megabyte each at most.
constexpr std::size_t largest = 4U << 20;

std::optional<Record> record_from(const Json& json) {
  if (!json.is_object() || !json.value("network", Json()).is_object()) return std::nullopt;
  Record record;
  const std::pair<const char*, std::string*> texts[] = {
      {"id", &record.id},       {"container", &record.container},
      {"netns", &record.netns}, {"interface", &record.interface},
      {"args", &record.args},   {"version", &record.version}};
  for (const auto& [key, to] : texts) {
    const Json value = json.value(key, Json());
    if (!value.is_string()) return std::nullopt;
    *to = value.get<std::string>();
  }
  record.network = json.at("network");
  record.runtime = json.value("runtime", Json::object());
  record.result = json.value("result", Json());
  if (record.result.is_null()) return record;
  auto attachment = attachment_from(json.value("attachment", Json()));
  if (!attachment) return std::nullopt;
  record.attachment = std::move(*attachment);
  return record;
}

Result<Record> read(const std::filesystem::path& file) {
  const auto text = os::read_file(file, largest);
  if (!text) return std::unexpected(text.error());
  const auto json = parse_json(*text);
  auto record = json ? record_from(*json) : std::nullopt;
  if (!record) return fail("the record of a pod's CNI network is damaged", file);
  return std::move(*record);
}

}  // namespace

Json to_json(const Attachment& attachment) {
  Json json{{"interface", attachment.interface}, {"addresses", Json::array()}, {"gateways", Json::array()}};
  for (const auto& address : attachment.addresses) json["addresses"].push_back(spec::to_string(address));
  for (const auto& gateway : attachment.gateways) json["gateways"].push_back(spec::to_string(gateway));
  return json;
}

std::optional<Attachment> attachment_from(const Json& value) {
  if (!value.is_object() || !value.value("interface", Json()).is_string()) return std::nullopt;
  Attachment attachment{value.at("interface").get<std::string>(), {}, {}};
  for (const Json& text : value.value("addresses", Json::array())) {
    const auto address = text.is_string() ? spec::parse_prefix(text.get<std::string>()) : std::nullopt;
    if (!address) return std::nullopt;
    attachment.addresses.push_back(*address);
  }
  for (const Json& text : value.value("gateways", Json::array())) {
    const auto gateway = text.is_string() ? spec::parse_ip(text.get<std::string>()) : std::nullopt;
    if (!gateway) return std::nullopt;
    attachment.gateways.push_back(*gateway);
  }
  return attachment;
}

std::filesystem::path Records::file_of(const std::string& id) const {
  return folder_ / (policies::cni_instance(id) + ".json");
}

Result<std::optional<Record>> Records::find(const std::string& id) const {
  auto record = read(file_of(id));
  if (!record && record.error().code == ENOENT) return std::nullopt;
  if (!record) return std::unexpected(record.error());
  return std::move(*record);
}

std::vector<Record> Records::all(std::vector<Error>& bad) const {
  std::vector<Record> records;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() != ".json") continue;
    auto record = read(entry.path());
    if (record)
      records.push_back(std::move(*record));
    else
      bad.push_back(record.error());
  }
  return records;
}

Result<void> Records::keep(const Record& record) {
  if (auto made = os::make_dirs(folder_, 0700); !made) return made;
  Json json{{"id", record.id},           {"container", record.container},
            {"netns", record.netns},     {"interface", record.interface},
            {"args", record.args},       {"version", record.version},
            {"network", record.network}, {"runtime", record.runtime}};
  if (!record.result.is_null()) {
    json["result"] = record.result;
    json["attachment"] = to_json(record.attachment);
  }
  return os::replace_file(file_of(record.id),
                          json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", true);
}

Result<void> Records::remove(const std::string& id) {
  const auto file = file_of(id);
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return fail("cannot remove", file, errno);
  return {};
}

}  // namespace podsd::network::cni

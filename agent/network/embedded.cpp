// SPDX-License-Identifier: Apache-2.0
#include "agent/network/embedded.hpp"

#include <syslog.h>

#include "agent/journal.hpp"
#include "agent/network/embedded_host.hpp"

namespace podsd::network {
namespace {

void warn(const Result<void>& result) {
  if (!result) journal::write(LOG_WARNING, "pod network: " + result.error().message(), {});
}

/// The host's side lives as long as work that was given to the lane.
class Embedded : public Provider {
 public:
  Embedded(Lane& lane, std::shared_ptr<EmbeddedHost> host) : lane_(lane), host_(std::move(host)) {}

  void prepare(const PodRequest& pod) override {
    lane_.run<void>([host = host_, id = pod.id] { return host->prepare(id); }, [](const Result<void>&) {});
  }
  void attach(const PodRequest& pod, UniqueFd netns, const std::string&, Done<Attachment> done) override {
    const auto ns = std::make_shared<UniqueFd>(std::move(netns));
    lane_.run<Attachment>([host = host_, pod, ns] { return host->attach(pod, *ns); }, std::move(done));
  }
  void detach(const std::string& id, Done<void> done) override {
    lane_.run<void>([host = host_, id] { return host->detach(id); }, std::move(done));
  }
  void release(const std::string& id) override {
    lane_.run<void>([host = host_, id] { return host->release(id); }, warn);
  }
  Attachments known() override { return host_->known(); }
  void update(const PodRequest& pod) override {
    lane_.run<void>([host = host_, pod] { return host->update(pod); }, warn);
  }
  void keep_only(const std::set<std::string>& ids) override {
    lane_.run<void>([host = host_, ids] { return host->keep_only(ids); }, warn);
  }

 private:
  Lane& lane_;
  std::shared_ptr<EmbeddedHost> host_;
};

}  // namespace

Result<std::unique_ptr<Provider>> make_embedded(Lane& lane, const spec::NetworkConfig& config,
                                                const std::filesystem::path& state) {
  auto host = std::make_shared<EmbeddedHost>(config, state);
  if (auto loaded = host->load(); !loaded) return std::unexpected(loaded.error());
  return std::make_unique<Embedded>(lane, std::move(host));
}

}  // namespace podsd::network

// SPDX-License-Identifier: Apache-2.0
#include "agent/network/providers.hpp"

#include <syslog.h>

#include "agent/journal.hpp"
#include "agent/network/cni/folders.hpp"
#include "agent/network/embedded.hpp"

namespace podsd::network {
namespace {

using Choice = spec::NetworkConfig::Provider;

/// The provider of new pods, and another one that an earlier agent used, as long as it has pods.
class Providers : public Provider {
 public:
  Providers(std::unique_ptr<Provider> chosen, std::unique_ptr<Provider> other)
      : chosen_(std::move(chosen)), other_(std::move(other)) {}

  void prepare(const PodRequest& pod) override { chosen_->prepare(pod); }
  void attach(const PodRequest& pod, UniqueFd netns, const std::string& path,
              Done<Attachment> done) override {
    chosen_->attach(pod, std::move(netns), path, std::move(done));
  }
  void update(const PodRequest& pod) override {
    other_->update(pod);
    chosen_->update(pod);
  }
  void detach(const std::string& id, Done<void> done) override {
    other_->detach(id, [this, id, done = std::move(done)](const Result<void>& first) {
      // A pod that is made anew has its addresses from the other one.
      if (first) other_->release(id);
      chosen_->detach(id, [done, first](const Result<void>& second) { done(first ? second : first); });
    });
  }
  void release(const std::string& id) override {
    other_->release(id);
    chosen_->release(id);
  }
  Attachments known() override {
    Attachments known = chosen_->known();
    known.merge(other_->known());
    return known;
  }
  void keep_only(const std::set<std::string>& ids) override {
    other_->keep_only(ids);
    chosen_->keep_only(ids);
  }

 private:
  std::unique_ptr<Provider> chosen_, other_;
};

/// Loopback only.
class NoProvider : public Provider {
 public:
  void prepare(const PodRequest&) override {}
  void attach(const PodRequest&, UniqueFd, const std::string&, Done<Attachment> done) override { done({}); }
  void update(const PodRequest&) override {}
  void detach(const std::string&, Done<void> done) override { done({}); }
  void release(const std::string&) override {}
  Attachments known() override { return {}; }
  void keep_only(const std::set<std::string>&) override {}
};

Choice resolve(const spec::NetworkConfig& config) {
  if (config.provider != Choice::automatic) return config.provider;
  const auto network = cni::choose_network(config.cni.configs, config.cni.plugins);
  if (network) {
    journal::write(LOG_INFO, "pods' networks are made by CNI: " + network->file, {});
    return Choice::cni;
  }
  if (cni::has_configs(config.cni.configs))
    journal::write(LOG_WARNING, "pods' networks are podsd's own: " + network.error().message(), {});
  return Choice::embedded;
}

/// Whether CNI has, or may have, pods: of a run in this boot that left no record yet, too.
bool has_cni_pods(const ProviderParts& parts) {
  std::error_code error;
  return std::filesystem::exists(parts.run / "cni", error) ||
         (std::filesystem::exists(parts.state / "cni", error) &&
          !std::filesystem::is_empty(parts.state / "cni", error));
}

}  // namespace

Result<std::unique_ptr<Provider>> make_provider(ProviderParts parts, const spec::NetworkConfig& config) {
  const Choice choice = resolve(config);
  auto embedded = make_embedded(parts.lane, config, parts.state);
  if (!embedded) return embedded;
  const bool leases = !(*embedded)->known().empty(), cni_pods = has_cni_pods(parts);
  auto cni = cni::make_provider(
      parts.io, std::move(parts.services),
      {config.cni.configs, config.cni.plugins, std::chrono::milliseconds(config.cni.timeout_usec / 1000)},
      parts.state, parts.run);
  std::unique_ptr<Provider> chosen = choice == Choice::embedded ? std::move(*embedded)
                                     : choice == Choice::cni    ? std::move(cni)
                                                                : std::make_unique<NoProvider>();
  if (*embedded && leases) chosen = std::make_unique<Providers>(std::move(chosen), std::move(*embedded));
  if (cni && cni_pods) chosen = std::make_unique<Providers>(std::move(chosen), std::move(cni));
  return chosen;
}

}  // namespace podsd::network

// SPDX-License-Identifier: Apache-2.0
#include "agent/network/pod_networks.hpp"

#include <syslog.h>

#include <algorithm>
#include <utility>

#include "agent/journal.hpp"
#include "agent/network/netns.hpp"

namespace podsd::network {

PodNetworks::PodNetworks(Lane& lane, std::unique_ptr<Provider> provider, NameServer* names)
    : lane_(lane), provider_(std::move(provider)), names_(names) {
  if (provider_) attachments_ = provider_->known();
}

void PodNetworks::prepare(const PodRequest& pod) {
  if (provider_) provider_->prepare(pod);
}

void PodNetworks::attach(const PodRequest& pod, UniqueFd netns, Done<void> done) {
  const auto ns = std::make_shared<UniqueFd>(std::move(netns));
  lane_.run<void>([id = pod.id, ns] { return pin_netns(id, *ns); },
                  [this, pod, ns, done = std::move(done)](Result<void> pinned) {
                    if (!pinned) return attached(pod, std::unexpected(pinned.error()), done);
                    if (!provider_) return done({});
                    provider_->attach(pod, std::move(*ns), netns_path(pod.id),
                                      [this, pod, done](Result<Attachment> result) {
                                        attached(pod, std::move(result), done);
                                      });
                  });
}

void PodNetworks::attached(const PodRequest& pod, Result<Attachment> result, const Done<void>& done) {
  if (result) {
    attachments_[pod.id] = std::move(*result);
    told_[pod.id] = pod;
    serve_names();
    return done({});
  }
  detach(pod.id, [done, error = result.error()](const Result<void>&) {
    done(fail("cannot make the pod's network", "", error));
  });
}

void PodNetworks::detach(const std::string& id, Done<void> done) {
  attachments_.erase(id);
  told_.erase(id);
  serve_names();
  // The pin goes whatever the provider says: a namespace that nobody can use is not to be kept.
  const auto unpin = [this, id, done = std::move(done)](const Result<void>& detached) {
    lane_.run<void>([id] { return unpin_netns(id); },
                    [detached, done](const Result<void>& gone) { done(detached ? gone : detached); });
  };
  if (!provider_) return unpin({});
  provider_->detach(id, unpin);
}

void PodNetworks::release(const std::string& id) {
  if (provider_) provider_->release(id);
}

void PodNetworks::keep_only(const std::set<std::string>& ids) {
  lane_.run<void>([ids] { return unpin_all_except(ids); },
                  [](const Result<void>& r) {
                    if (!r) journal::write(LOG_WARNING, r.error().message(), {});
                  });
  std::erase_if(attachments_, [&](const auto& entry) { return !ids.contains(entry.first); });
  serve_names();
  if (provider_) provider_->keep_only(ids);
}

void PodNetworks::update(const PodRequest& pod) {
  if (!provider_ || !attachments_.contains(pod.id)) return;
  if (PodRequest& told = told_[pod.id]; told != pod) {
    told = pod;
    provider_->update(pod);
  }
}

const Attachment* PodNetworks::find(const std::string& id) const {
  const auto it = attachments_.find(id);
  return it == attachments_.end() ? nullptr : &it->second;
}

/// Where pods' gateways are this host's; after a reboot before they come back with the pods.
void PodNetworks::serve_names() {
  if (names_ == nullptr) return;
  std::set<spec::IpPrefix> at;
  for (const auto& [id, attachment] : attachments_)
    for (const spec::IpAddress& gateway : attachment.gateways)
      for (const spec::IpPrefix& address : attachment.addresses)
        if (address.address.v6 == gateway.v6) at.insert({gateway, address.length});
  const Result<void> served = names_->serve(at);
  const std::string error = served ? "" : served.error().message();
  if (std::exchange(names_error_, error) == error || error.empty()) return;
  journal::write(LOG_WARNING,
                 "pods ask the host's nameservers, and find no names of pods: " + error +
                     " (ss -lnp 'sport = 53' shows who does; it may listen on other addresses only)",
                 {});
}

std::vector<std::string> PodNetworks::nameservers(const std::string& id) const {
  std::vector<std::string> texts;
  if (names_ == nullptr) return texts;
  const Attachment* attachment = find(id);
  for (const spec::IpPrefix& at : names_->addresses())
    if (attachment == nullptr ||
        std::ranges::find(attachment->gateways, at.address) != attachment->gateways.end())
      texts.push_back(spec::to_string(at.address));
  return texts;
}

}  // namespace podsd::network

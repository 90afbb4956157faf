// SPDX-License-Identifier: Apache-2.0
#include "agent/network/cni/provider.hpp"

#include <syslog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>

#include "agent/journal.hpp"
#include "agent/network/cni/records.hpp"
#include "agent/network/cni/runs.hpp"
#include "agent/network/cni/runtime.hpp"
#include "agent/network/cni/turns.hpp"
#include "policies/backoff.hpp"
#include "policies/cni.hpp"

namespace podsd::network::cni {
namespace {

using policies::CniCommand;

/// Of GC, which is no pod's: theirs begin with "pods-".
constexpr const char* gc_instance = "gc";

class CniProvider : public Provider {
 public:
  CniProvider(boost::asio::io_context& io, Services services, Settings settings,
              const std::filesystem::path& state, const std::filesystem::path& run)
      : io_(io),
        settings_(std::move(settings)),
        records_(state / "cni"),
        runs_(std::move(services), run / "cni") {}

  void prepare(const PodRequest&) override {}
  void attach(const PodRequest& pod, UniqueFd netns, const std::string& path, Done<Attachment> done) override;
  /// CNI has no such operation: what ADD was asked for stays until the pod's network is made anew.
  void update(const PodRequest& pod) override;
  void detach(const std::string& id, Done<void> done) override;
  void release(const std::string&) override {}
  Attachments known() override;
  void keep_only(const std::set<std::string>& ids) override;

 private:
  /// A DEL that has failed.
  struct Retry {
    policies::Backoff backoff{1, 0};  // the first of the kubelet's delays that is one
    boost::asio::steady_timer timer;
  };

  void remove(const std::string& id, Done<void> done);
  void removed(const std::string& id, const Result<void>& result);
  void check_next();
  void collect();

  boost::asio::io_context& io_;
  Settings settings_;
  Records records_;
  Runs runs_;
  Turns turns_;
  std::map<std::string, Retry> retries_;  ///< by sandbox
  std::deque<std::string> to_check_;      ///< sandboxes of an earlier agent
};

void CniProvider::attach(const PodRequest& pod, UniqueFd, const std::string& path, Done<Attachment> done) {
  retries_.erase(pod.id);
  const std::string container = policies::cni_container_id(pod.id);
  AddRequest add{pod.id, path, policies::cni_args(container, pod.ns, pod.name, pod.uid), runtime_of(pod)};
  const Request request{CniCommand::add, std::move(add), settings_};
  turns_.run(pod.id, [this, request, done = std::move(done)](const std::function<void()>& ended) {
    runs_.run(policies::cni_instance(request.pod.id), request, [done, ended](Result<Attachment> result) {
      ended();
      done(std::move(result));
    });
  });
}

/// No command of CNI changes what ADD has made.
void CniProvider::update(const PodRequest& pod) {
  const auto record = records_.find(pod.id);
  if (record && *record && (*record)->runtime != runtime_of(pod))
    journal::write(LOG_WARNING,
                   "pod " + pod.ns + "/" + pod.name +
                       ": its other ports or bandwidth take effect when it is made again: CNI cannot change"
                       " them in place",
                   {});
}

void CniProvider::detach(const std::string& id, Done<void> done) {
  remove(id, [this, id, done = std::move(done)](const Result<void>& result) {
    removed(id, result);
    done(result);
  });
}

/// DEL, if there is anything to remove once nothing of an earlier agent runs.
void CniProvider::remove(const std::string& id, Done<void> done) {
  turns_.run(id, [this, id, done = std::move(done)](const std::function<void()>& ended) {
    const auto finish = [done, ended](const Result<void>& result) {
      ended();
      done(result);
    };
    const std::string instance = policies::cni_instance(id);
    runs_.settle(instance, [this, id, instance, finish](const Result<void>& settled) {
      if (!settled) return finish(settled);
      const auto record = records_.find(id);
      if (record && !*record) return boost::asio::post(io_, [finish] { finish({}); });
      runs_.run(instance, {CniCommand::del, {id, "", "", Json::object()}, settings_},
                [finish](const Result<Attachment>& result) {
                  finish(result ? Result<void>() : std::unexpected(result.error()));
                });
    });
  });
}

/// Tries again later, whatever becomes of the pod, unless it is attached before.
void CniProvider::removed(const std::string& id, const Result<void>& result) {
  if (result) {
    retries_.erase(id);
    return;
  }
  auto& retry = retries_.try_emplace(id, Retry{{1, 0}, boost::asio::steady_timer(io_)}).first->second;
  const policies::Delay delay = policies::next_delay(retry.backoff, {}, 0);
  retry.backoff = delay.next;
  retry.timer.expires_after(std::chrono::microseconds(delay.usec));
  retry.timer.async_wait([this, id](boost::system::error_code error) {
    if (error || !retries_.contains(id)) return;
    remove(id, [this, id](const Result<void>& again) {
      if (!again)
        journal::write(LOG_WARNING, "cannot remove the network of " + id + ": " + again.error().message(),
                       {});
      if (again || retries_.contains(id)) removed(id, again);
    });
  });
}

Attachments CniProvider::known() {
  std::vector<Error> bad;
  Attachments known;
  for (const Record& record : records_.all(bad))
    if (!record.result.is_null()) known[record.id] = record.attachment;
  for (const Error& error : bad) journal::write(LOG_WARNING, error.message(), {});
  return known;
}

void CniProvider::keep_only(const std::set<std::string>& ids) {
  std::vector<Error> bad;
  for (const Record& record : records_.all(bad)) {
    if (ids.contains(record.id)) {
      to_check_.push_back(record.id);
      continue;
    }
    detach(record.id, [id = record.id](const Result<void>& result) {
      if (!result)
        journal::write(LOG_WARNING, "cannot remove the network of " + id + ": " + result.error().message(),
                       {});
    });
  }
  check_next();
}

/// CHECK of what earlier agents attached, one after the other, and GC after the last one.
void CniProvider::check_next() {
  if (to_check_.empty()) return collect();
  const std::string id = to_check_.front();
  to_check_.pop_front();
  turns_.run(id, [this, id](const std::function<void()>& ended) {
    const Request request{CniCommand::check, {id, "", "", Json::object()}, settings_};
    runs_.run(policies::cni_instance(id), request, [this, id, ended](const Result<Attachment>& result) {
      if (!result)
        journal::write(LOG_WARNING,
                       "the network of " + id + " is not as it should be: " + result.error().message(), {});
      ended();
      check_next();
    });
  });
}

void CniProvider::collect() {
  const auto gave_way = std::make_shared<bool>(false);
  turns_.run_alone(
      [this, gave_way](const std::function<void()>& ended) {
        *gave_way = false;
        runs_.run(gc_instance, {CniCommand::gc, {}, settings_},
                  [gave_way, ended](const Result<Attachment>& r) {
                    if (!r && !*gave_way) journal::write(LOG_WARNING, "CNI: " + r.error().message(), {});
                    ended();
                  });
      },
      [this, gave_way] {
        *gave_way = true;
        runs_.end(gc_instance);
      });
}

}  // namespace

std::unique_ptr<Provider> make_provider(boost::asio::io_context& io, Services services, Settings settings,
                                        const std::filesystem::path& state,
                                        const std::filesystem::path& run) {
  return std::make_unique<CniProvider>(io, std::move(services), std::move(settings), state, run);
}

}  // namespace podsd::network::cni

// SPDX-License-Identifier: Apache-2.0
#include "dbus/jobs.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace podsd::dbus {

Jobs::Ticket::Ticket(Jobs& jobs) : jobs_(jobs) {
  if (jobs_.tickets_.empty()) jobs_.listen_(true);
  jobs_.tickets_.insert(this);
}

Jobs::Ticket::~Ticket() {
  jobs_.tickets_.erase(this);
  if (!jobs_.reply_due()) jobs_.early_.clear();
  if (jobs_.tickets_.empty()) jobs_.listen_(false);
}

void Jobs::Ticket::wait(const std::string& path, OnResult on_result) {
  path_ = path;
  const auto early = jobs_.early_.find(path);
  if (early == jobs_.early_.end()) {
    on_result_ = std::move(on_result);
    if (!jobs_.reply_due()) jobs_.early_.clear();
    return;
  }
  const std::string result = early->second;
  on_result(result);  // may end this ticket
}

bool Jobs::reply_due() const {
  return std::ranges::any_of(tickets_, [](const Ticket* ticket) { return ticket->path_.empty(); });
}

void Jobs::removed(const std::string& path, const std::string& result) {
  // systemd merges jobs: two calls for one unit may wait for one job.
  std::vector<OnResult> waiting;
  for (Ticket* ticket : tickets_) {
    if (ticket->path_ == path && ticket->on_result_)
      waiting.push_back(std::exchange(ticket->on_result_, nullptr));
  }
  if (reply_due()) early_[path] = result;
  for (const auto& on_result : waiting) on_result(result);
}

}  // namespace podsd::dbus

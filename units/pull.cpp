// SPDX-License-Identifier: Apache-2.0
// A container and its image: whether to pull, waiting for it, the back-off of pulls that fail. It is a
// back-off of its own, as the kubelet's: neither crashes nor pulls lengthen the other's waits.
#include <syslog.h>

#include <algorithm>

#include "policies/image_pull.hpp"
#include "units/machine.hpp"

namespace podsd::units {

const spec::Container& spec_of(const State& s, const Container& c) {
  const auto& list = c.init ? s.pod.init_containers : s.pod.containers;
  return *std::ranges::find(list, c.name, &spec::Container::name);
}

void Machine::forget_pulls(Container& c) {
  c.pulled = false;
  c.pull_backoff = {};
  c.pull_at = 0;
  c.pull_error.clear();
}

/// Asks for the image, or waits on where the last pull was refused not long ago.
void Machine::begin_pull(Container& c) {
  if (c.pull_at > now) return await_pull(c, "ImagePullBackOff");
  c.run = Run::pulling;
  c.after = After::policy;
  c.deadline = 0;
  c.reason = "Pulling";
  c.message = "pulling image \"" + spec_of(s, c).image + "\"";
  report(LOG_INFO, c.name, "pulling", c.message);
  todo.emplace_back(PullImage{c.name, c.attempt});
}

void Machine::lacks_image(Container& c, const std::string& message) {
  const spec::PullPolicy policy = spec_of(s, c).image_pull_policy;
  if (policies::image_step(policy, false, false) == policies::ImageStep::pull) return begin_pull(c);
  retry(c, 0, "ErrImageNeverPull", message, "cannot create: " + message);
}

void Machine::image_pulled(const ImagePulled& e) {
  Container* c = find(e.name);
  if (c == nullptr || c->run != Run::pulling || c->attempt != e.attempt) return;
  forget_pulls(*c);
  c->pulled = true;
  c->run = Run::waiting;
  report(LOG_INFO, c->name, "pulled", "pulled image \"" + spec_of(s, *c).image + "\"");
}

void Machine::image_pull_failed(const ImagePullFailed& e) {
  Container* c = find(e.name);
  if (c == nullptr || c->run != Run::pulling || c->attempt != e.attempt) return;
  const bool again = c->pull_backoff.failures > 0;
  const policies::Delay delay = policies::pull_delay(c->pull_backoff, s.node.backoff);
  c->pull_backoff = delay.next;
  c->pull_at = now + delay.usec;
  c->pull_error = e.message;
  report(LOG_WARNING, c->name, "failed", e.message + ", trying again in " + duration_text(delay.usec));
  await_pull(*c, again ? "ImagePullBackOff" : "ErrImagePull");
}

void Machine::image_pull_progress(const ImagePullProgress& e) {
  Container* c = find(e.name);
  if (c == nullptr || c->run != Run::pulling || c->attempt != e.attempt) return;
  c->message = "pulling image \"" + spec_of(s, *c).image + "\": " + e.text;
}

/// Waits for the time of the next pull. What the kubelet tells of by turns (the error, the back-off) is told
/// once: ErrImagePull after the first failure, ImagePullBackOff with the error after further ones.
void Machine::await_pull(Container& c, const std::string& reason) {
  c.run = Run::backoff;
  c.deadline = c.pull_at;
  c.reason = reason;
  c.message = c.pull_error;
  if (reason == "ImagePullBackOff")
    c.message = "back-off " + duration_text(c.pull_backoff.last_usec) + " pulling image \"" +
                spec_of(s, c).image + "\": " + c.pull_error;
  todo.emplace_back(SetTimer{c.name, c.deadline});
}

/// Looks again for images that were not there. A pull is not begun before its time for it, because every pull
/// of another image ends in such an event.
void Machine::images_changed() {
  for (Container& c : s.containers) {
    if (c.run != Run::backoff) continue;
    const bool waits = c.reason == "ErrImagePull" || c.reason == "ImagePullBackOff";
    const bool absent = spec_of(s, c).image_pull_policy == spec::PullPolicy::if_not_present;
    if (c.reason != "ErrImageNeverPull" && !(waits && absent)) continue;
    c.deadline = 0;
    c.backoff = {};
  }
}

}  // namespace podsd::units

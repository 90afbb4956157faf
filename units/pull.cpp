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

/// The image that the container runs, then those that it mounts.
std::vector<spec::ImageVolume> Machine::images_of(const Container& c) const {
  const spec::Container& container = spec_of(s, c);
  std::vector<spec::ImageVolume> images{{container.image, container.image_pull_policy}};
  for (const spec::VolumeMount& mount : container.volume_mounts) {
    const auto volume = std::ranges::find(s.pod.volumes, mount.name, &spec::Volume::name);
    if (volume == s.pod.volumes.end()) continue;
    if (const auto* image = std::get_if<spec::ImageVolume>(&volume->source)) images.push_back(*image);
  }
  return images;
}

spec::PullPolicy Machine::pull_policy(const Container& c, const std::string& image) const {
  const auto images = images_of(c);
  const auto found = std::ranges::find(images, image, &spec::ImageVolume::reference);
  return found == images.end() ? images.front().pull_policy : found->pull_policy;
}

void Machine::forget_pulls(Container& c) {
  c.pulled.clear();
  c.pull_backoff = {};
  c.pull_at = 0;
  c.pull_error.clear();
}

/// Asks for the image, or waits on where the last pull was refused not long ago.
void Machine::begin_pull(Container& c, const std::string& image) {
  c.pulling = image;
  if (c.pull_at > now) return await_pull(c, "ImagePullBackOff");
  c.run = Run::pulling;
  c.after = After::policy;
  c.deadline = 0;
  c.reason = "Pulling";
  c.message = "pulling image \"" + image + "\"";
  report(LOG_INFO, c.name, "pulling", c.message);
  todo.emplace_back(PullImage{c.name, c.attempt, image});
}

void Machine::lacks_image(Container& c, const ContainerFailed& e) {
  const std::string image = e.image.empty() ? spec_of(s, c).image : e.image;
  if (policies::image_step(pull_policy(c, image), false, false) == policies::ImageStep::pull)
    return begin_pull(c, image);
  retry(c, 0, "ErrImageNeverPull", e.message, "cannot create: " + e.message);
}

void Machine::image_pulled(const ImagePulled& e) {
  Container* c = find(e.name);
  if (c == nullptr || c->run != Run::pulling || c->attempt != e.attempt) return;
  std::set<std::string> pulled = std::move(c->pulled);
  pulled.insert(c->pulling);
  forget_pulls(*c);
  c->pulled = std::move(pulled);
  c->run = Run::waiting;
  report(LOG_INFO, c->name, "pulled", "pulled image \"" + c->pulling + "\"");
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
  c->message = "pulling image \"" + c->pulling + "\": " + e.text;
}

/// Waits for the time of the next pull. What the kubelet tells of by turns (the error, the back-off) is told
/// once: ErrImagePull after the first failure, ImagePullBackOff with the error after further ones.
void Machine::await_pull(Container& c, const std::string& reason) {
  c.run = Run::backoff;
  c.deadline = c.pull_at;
  c.reason = reason;
  c.message = c.pull_error;
  if (reason == "ImagePullBackOff")
    c.message = "back-off " + duration_text(c.pull_backoff.last_usec) + " pulling image \"" + c.pulling +
                "\": " + c.pull_error;
  todo.emplace_back(SetTimer{c.name, c.deadline});
}

/// Looks again for images that were not there. A pull is not begun before its time for it, because every pull
/// of another image ends in such an event.
void Machine::images_changed() {
  for (Container& c : s.containers) {
    if (c.run != Run::backoff) continue;
    const bool waits = c.reason == "ErrImagePull" || c.reason == "ImagePullBackOff";
    const bool absent = pull_policy(c, c.pulling) == spec::PullPolicy::if_not_present;
    if (c.reason != "ErrImageNeverPull" && !(waits && absent)) continue;
    c.deadline = 0;
    c.backoff = {};
  }
}

}  // namespace podsd::units

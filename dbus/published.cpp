// SPDX-License-Identifier: Apache-2.0
#include "dbus/published.hpp"

#include <boost/asio/post.hpp>

#include "dbus/labels.hpp"

namespace podsd::dbus {

namespace {

constexpr const char* manager_interface = "org.podsd1.Manager";
constexpr const char* pod_interface = "org.podsd1.Pod";

sdbus::property_get_callback getter(std::function<std::string()> get) {
  return [get = std::move(get)](sdbus::PropertyGetReply& reply) { reply << get(); };
}

sdbus::Flags constant() {
  sdbus::Flags flags;
  flags.set(sdbus::Flags::CONST_PROPERTY_VALUE);
  return flags;
}

std::vector<std::string> changed_properties(const PublishedPod& before, const PublishedPod& now) {
  std::vector<std::string> names;
  if (before.phase != now.phase) names.emplace_back("Phase");
  if (before.slice != now.slice) names.emplace_back("Slice");
  if (before.manifest != now.manifest) names.emplace_back("Manifest");
  return names;
}

}  // namespace

void Published::attach(const std::shared_ptr<Link>& link) {
  link_ = link;
  show_manager();
  for (auto& [path, entry] : pods_) show(entry);
}

void Published::detach() {
  manager_.reset();
  for (auto& [path, entry] : pods_) entry->object.reset();
  for (auto& [path, entry] : withdrawn_)
    if (const auto left = entry.lock()) left->object.reset();
  link_.reset();
}

void Published::show(const std::shared_ptr<Entry>& entry) {
  const auto& pod = entry->pod;
  auto object = sdbus::createObject(link_->bus(), pod_path(pod.ns, pod.name));
  // The entry stays where it is for as long as its object.
  object->registerProperty(pod_interface, "Namespace", "s", getter([&pod] { return pod.ns; }), constant());
  object->registerProperty(pod_interface, "Name", "s", getter([&pod] { return pod.name; }), constant());
  object->registerProperty(pod_interface, "Phase", "s", getter([&pod] { return pod.phase; }));
  object->registerProperty(pod_interface, "Slice", "s", getter([&pod] { return pod.slice; }));
  object->registerProperty(pod_interface, "Manifest", "s", getter([&pod] { return pod.manifest; }));
  object->registerMethod(pod_interface, "Get", "", {}, "s", {"pod"}, reading(entry));
  object->registerMethod(pod_interface, "Start", "", "", acting(Handlers::Verb::start, entry));
  object->registerMethod(pod_interface, "Stop", "", "", acting(Handlers::Verb::stop, entry));
  object->registerMethod(pod_interface, "Restart", "", "", acting(Handlers::Verb::restart, entry));
  object->finishRegistration();
  entry->object = std::move(object);
}

std::shared_ptr<Published::Entry> Published::entry_for(const std::string& path) {
  const auto node = withdrawn_.extract(path);
  auto left = node ? node.mapped().lock() : nullptr;
  return left ? left : std::make_shared<Entry>();
}

void Published::publish(const PublishedPod& pod) {
  const std::string path = pod_path(pod.ns, pod.name);
  auto& entry = pods_[path];
  const bool added = !entry;
  if (added) entry = entry_for(path);
  const auto changed = changed_properties(entry->pod, pod);
  entry->pod = pod;
  guarded([&] {
    if (entry->object) {
      emit(entry->object.get(), pod_interface, changed);
    } else if (link_) {
      show(entry);
    }
    if (added) emit(manager_.get(), manager_interface, {"NPods"});
  })();
}

// sd-bus checks a reply against the signature in the object's vtable, which therefore has to be there still
// (sd_bus_add_object_vtable(3)): calls hold their object.
void Published::withdraw(const std::string& ns, const std::string& name) {
  auto node = pods_.extract(pod_path(ns, name));
  if (!node) return;
  withdrawn_.insert_or_assign(node.key(), node.mapped());
  node = {};
  std::erase_if(withdrawn_, [](const auto& one) { return one.second.expired(); });
  guarded([&] { emit(manager_.get(), manager_interface, {"NPods"}); })();
}

void Published::emit(sdbus::IObject* object, const char* interface,
                     const std::vector<std::string>& properties) {
  if (object == nullptr || properties.empty()) return;
  object->emitPropertiesChangedSignal(interface, properties);
  link_->kick();
}

// The agent's code runs from the loop, not inside sd-bus: it may withdraw the very object that was called.
void Published::on_call(sdbus::MethodCall call, Handle handle, std::shared_ptr<const void> object) {
  auto request = std::make_shared<Request>(link_, std::move(call), std::move(object));
  boost::asio::post(io_, [alive = std::weak_ptr(alive_), request, handle = std::move(handle)] {
    if (!alive.expired()) handle(request);
  });
}

}  // namespace podsd::dbus

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include <map>
#include <memory>
#include <string>

#include "dbus/link.hpp"
#include "dbus/request.hpp"
#include "dbus/service.hpp"

namespace podsd::dbus {

/// The objects of org.podsd1. What is published is kept here, and shown again on each new connection.
class Published final : public Service {
 public:
  Published(boost::asio::io_context& io, std::string version) : io_(io), version_(std::move(version)) {}

  /// Shows all objects on a new connection. Throws sdbus::Error.
  void attach(const std::shared_ptr<Link>& link);
  /// Takes them off; to be called before the connection goes.
  void detach();

  void serve(Handlers handlers) override { handlers_ = std::move(handlers); }
  void publish(const PublishedPod& pod) override;
  void withdraw(const std::string& ns, const std::string& name) override;

 private:
  struct Entry {
    PublishedPod pod;
    std::unique_ptr<sdbus::IObject> object;
  };
  using Handle = std::function<void(std::shared_ptr<Request>)>;

  void show_manager();
  void show(const std::shared_ptr<Entry>& entry);
  [[nodiscard]] std::shared_ptr<Entry> entry_for(const std::string& path);
  void emit(sdbus::IObject* object, const char* interface, const std::vector<std::string>& properties);
  void on_call(sdbus::MethodCall call, Handle handle, std::shared_ptr<const void> object = nullptr);
  [[nodiscard]] sdbus::method_callback reading(const std::shared_ptr<Entry>& entry);
  [[nodiscard]] sdbus::method_callback acting(Handlers::Verb verb, const std::shared_ptr<Entry>& entry);
  void act(Handlers::Verb verb, std::string ns, std::string name, std::string container,
           std::shared_ptr<Request> request);
  void pull_image(const std::string& reference, const std::shared_ptr<std::vector<int>>& fds,
                  const std::shared_ptr<Request>& request);
  void exec(const ExecCall& call, const std::shared_ptr<std::vector<int>>& fds,
            const std::shared_ptr<Request>& request);
  void attach_session(const AttachCall& call, const std::shared_ptr<std::vector<int>>& fds,
                      const std::shared_ptr<Request>& request);
  void open_root(const std::string& ns, const std::string& name, const std::string& container,
                 const std::shared_ptr<Request>& request);
  void answer_list(const std::string& ns, Request& request);
  void answer_get(const std::string& ns, const std::string& name, Request& request);

  boost::asio::io_context& io_;
  std::string version_;
  Handlers handlers_;
  std::shared_ptr<Link> link_;
  std::unique_ptr<sdbus::IObject> manager_;
  std::map<std::string, std::shared_ptr<Entry>> pods_;  ///< by object path
  /// No longer published, but on the bus for as long as one of their calls is not answered.
  std::map<std::string, std::weak_ptr<Entry>> withdrawn_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace podsd::dbus

// SPDX-License-Identifier: Apache-2.0
#include "dbus/resolver.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>

#include "dbus/errors.hpp"
#include "dbus/link.hpp"

namespace podsd::dbus {
namespace {

constexpr std::chrono::milliseconds deadline{5'000};

const Link::Target resolver{"org.freedesktop.resolve1", "/org/freedesktop/resolve1",
                            "org.freedesktop.resolve1.Manager"};

const Link::Target bus_daemon{"org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus"};

using Server = sdbus::Struct<std::int32_t, std::vector<std::uint8_t>>;
using Domain = sdbus::Struct<std::string, bool>;

std::vector<Server> servers_of(const ResolverLink& wanted) {
  std::vector<Server> servers;
  for (const spec::IpAddress& address : wanted.servers) {
    const auto bytes = static_cast<std::ptrdiff_t>(address.bits() / 8);
    servers.emplace_back(address.v6 ? AF_INET6 : AF_INET,
                         std::vector<std::uint8_t>(address.bytes.begin(), address.bytes.begin() + bytes));
  }
  return servers;
}

std::vector<Domain> domains_of(const ResolverLink& wanted) {
  std::vector<Domain> domains;
  for (const std::string& domain : wanted.domains) domains.emplace_back(domain, true);
  return domains;
}

void set_link(Link& link, const ResolverLink& wanted, const std::function<void(Result<void>)>& done) {
  // Routing domains come first: a link with servers and no domains would be asked for every name meanwhile.
  const auto index = static_cast<std::int32_t>(wanted.index);
  const auto ignore = [](sdbus::MethodReply&, const sdbus::Error*) {};
  link.call(
      resolver, "SetLinkDomains", deadline, [&](sdbus::MethodCall& c) { c << index << domains_of(wanted); },
      ignore);
  link.call(
      resolver, "SetLinkDefaultRoute", deadline, [&](sdbus::MethodCall& c) { c << index << false; }, ignore);
  for (const char* off : {"SetLinkDNSSEC", "SetLinkDNSOverTLS"})
    link.call(
        resolver, off, deadline, [&](sdbus::MethodCall& c) { c << index << "no"; }, ignore);
  link.call(
      resolver, "SetLinkDNS", deadline, [&](sdbus::MethodCall& c) { c << index << servers_of(wanted); },
      [done](sdbus::MethodReply&, const sdbus::Error* error) {
        done(error == nullptr ? Result<void>()
                              : std::unexpected(to_error(*error, "cannot tell systemd-resolved", "")));
      });
}

}  // namespace

void set_resolver_link(boost::asio::io_context& io, const std::shared_ptr<Link>& link, ResolverLink wanted,
                       std::function<void(Result<void>)> done) {
  // A call would start it, which may not be wanted on this host.
  const auto owned = [&io, weak = std::weak_ptr(link), wanted = std::move(wanted), done = std::move(done)](
                         sdbus::MethodReply& reply, const sdbus::Error* error) {
    bool runs = false;
    if (error == nullptr) reply >> runs;
    if (!runs) return;
    boost::asio::post(io, [weak, wanted, done] {
      if (const auto open = weak.lock(); open && open->is_open()) set_link(*open, wanted, done);
    });
  };
  link->call(
      bus_daemon, "NameHasOwner", deadline, [](sdbus::MethodCall& c) { c << resolver.destination; }, owned);
}

}  // namespace podsd::dbus

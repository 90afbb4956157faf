// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spec/ip.hpp"
#include "spec/result.hpp"

namespace podsd::dbus {

/// What systemd-resolved is told about a link (org.freedesktop.resolve1(5)).
struct ResolverLink {
  int index = 0;                         ///< of the link
  std::vector<spec::IpAddress> servers;  ///< which answer for
  std::vector<std::string> domains;      ///< these and what is below, and for nothing else
  bool operator==(const ResolverLink&) const = default;
};

class Link;

/// Sets servers and routing domains of the link, without DNSSEC and DNS over TLS, and not for other names.
/// systemd-resolved keeps them over its own restart, and forgets them with the link. Where it does not run it
/// is not started, and `done` not called; else `done` is called from within sd-bus. Errors: it refuses.
void set_resolver_link(boost::asio::io_context& io, const std::shared_ptr<Link>& link, ResolverLink wanted,
                       std::function<void(Result<void>)> done);

}  // namespace podsd::dbus

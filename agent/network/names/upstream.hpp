// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policies/dns_message.hpp"

namespace podsd::network {

namespace dns = policies::dns;

/// One question on its way to the host's nameservers.
struct UpstreamQuestion {
  dns::Bytes message;  ///< from the asker; the answer has its id
  dns::Query query;    ///< read from `message`
  spec::IpAddress asker;
  bool tcp = false;  ///< asked, and to be asked, by TCP (RFC 7766, section 5)
};

/// The nameservers of the host's resolv.conf, which is read anew when it changed. The first to be asked is
/// the one that answered last, so that one that is dead costs its time once, as with
/// systemd-resolved.service(8). Each question has a socket of its own, with a port of the kernel's choice,
/// and a random id (RFC 5452).
class Upstreams {
 public:
  /// Empty: nobody answered in four seconds, before the asker's own patience ends (resolv.conf(5), timeout).
  using Answered = std::function<void(dns::Bytes)>;

  Upstreams(boost::asio::io_context& io, std::filesystem::path resolv_conf)
      : io_(io), resolv_conf_(std::move(resolv_conf)) {}

  /// False: too many questions are on their way, of this asker (64) or of all (512); then `answered` is not
  /// called.
  [[nodiscard]] bool ask(UpstreamQuestion question, Answered answered);

  /// Never asked, as they are those of this very stub.
  void leave_out(std::set<boost::asio::ip::address> own) { own_ = std::move(own); }

 private:
  [[nodiscard]] std::vector<boost::asio::ip::address> servers();

  boost::asio::io_context& io_;
  std::filesystem::path resolv_conf_;
  std::set<boost::asio::ip::address> own_;
  std::string version_;  ///< of the file that `known_` is of
  std::vector<boost::asio::ip::address> known_;
  boost::asio::ip::address answered_;            ///< the last of `known_` that did
  std::map<spec::IpAddress, std::size_t> busy_;  ///< questions of each asker
  std::size_t all_busy_ = 0;
};

}  // namespace podsd::network

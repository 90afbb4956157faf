// SPDX-License-Identifier: Apache-2.0
#include "agent/network/names/upstream.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "agent/network/names/exchange.hpp"
#include "agent/os/files.hpp"
#include "policies/resolv_conf.hpp"

namespace podsd::network {
namespace {

constexpr std::size_t most_of_one = 64;
constexpr std::size_t most_of_all = 512;

using boost::asio::ip::address;

/// Differs for a file that was changed or replaced.
std::string version_of(const std::filesystem::path& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return "none";
  return std::to_string(st.st_ino) + " " + std::to_string(st.st_size) + " " +
         std::to_string(st.st_mtim.tv_sec) + "." + std::to_string(st.st_mtim.tv_nsec);
}

}  // namespace

std::vector<address> Upstreams::servers() {
  if (std::string version = version_of(resolv_conf_); version != version_) {
    version_ = std::move(version);
    known_.clear();
    answered_ = address();
    const std::string text = os::read_file(resolv_conf_).value_or("");
    for (const std::string& name : policies::read_resolv_conf(text).nameservers) {
      boost::system::error_code error;
      const address server = boost::asio::ip::make_address(name, error);
      if (!error) known_.push_back(server);
    }
    if (known_.empty()) known_.push_back(boost::asio::ip::address_v4::loopback());  // resolv.conf(5)
  }
  std::vector<address> servers;
  std::ranges::copy_if(known_, std::back_inserter(servers),
                       [this](const address& a) { return !own_.contains(a); });
  const auto first = std::ranges::find(servers, answered_);
  if (first != servers.end()) std::ranges::rotate(servers, first);
  return servers;
}

bool Upstreams::ask(UpstreamQuestion question, Answered answered) {
  const spec::IpAddress asker = question.asker;
  std::size_t& of_one = busy_[asker];
  if (of_one >= most_of_one || all_busy_ >= most_of_all) {
    if (of_one == 0) busy_.erase(asker);
    return false;
  }
  ++of_one;
  ++all_busy_;
  start_exchange(io_, std::move(question), servers(),
                 [this, asker, answered = std::move(answered)](dns::Bytes answer, const address& by) {
                   if (!answer.empty()) answered_ = by;
                   --all_busy_;
                   if (--busy_[asker] == 0) busy_.erase(asker);
                   answered(std::move(answer));
                 });
  return true;
}

}  // namespace podsd::network

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <memory>

namespace podsd::cli {

/// Copies between two connections, each direction until its end, which is passed on; lives as long as both
/// are not over.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  static void start(boost::asio::ip::tcp::socket one, boost::asio::ip::tcp::socket other);

 private:
  struct Way {
    boost::asio::ip::tcp::socket& from;
    boost::asio::ip::tcp::socket& to;
    std::array<char, 65536> buffer{};
  };
  Relay(boost::asio::ip::tcp::socket one, boost::asio::ip::tcp::socket other)
      : one_(std::move(one)), other_(std::move(other)) {}
  void copy(Way& way);
  void abandon();

  boost::asio::ip::tcp::socket one_, other_;
  Way there_{one_, other_}, back_{other_, one_};
};

}  // namespace podsd::cli

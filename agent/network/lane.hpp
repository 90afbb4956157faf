// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <utility>

#include "spec/result.hpp"

namespace podsd::network {

/// A thread beside the loop, for kernel calls that wait for others: rtnetlink and nf_tables have one lock
/// each for the whole host, and unmounting waits for an RCU grace period. Work is done one after the other,
/// in the order in which it was given; the thread may change its network namespace meanwhile.
class Lane {
 public:
  explicit Lane(boost::asio::io_context& io) : io_(io) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  /// Waits for the work that is under way; the rest is dropped.
  ~Lane() {
    thread_.stop();
    thread_.join();
  }

  /// `work` runs beside the loop and shares nothing with it; `done` is called from the loop.
  template <typename T>
  void run(std::function<Result<T>()> work, std::function<void(Result<T>)> done) {
    boost::asio::post(thread_, [this, work = std::move(work), done = std::move(done)]() mutable {
      boost::asio::post(io_,
                        [result = work(), done = std::move(done)]() mutable { done(std::move(result)); });
    });
  }

 private:
  boost::asio::io_context& io_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace podsd::network

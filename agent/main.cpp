// SPDX-License-Identifier: Apache-2.0
// podsd, the agent. Type=notify; SIGTERM ends it and leaves every pod running; SIGHUP reads the manifests
// again.
#include <signal.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "agent/agent.hpp"
#include "agent/config_file.hpp"
#include "agent/image/settings.hpp"
#include "agent/node.hpp"

namespace {

using namespace podsd;

int complain(const Error& error) {
  std::fprintf(stderr, "<3>podsd: %s\n", error.message().c_str());
  return 1;
}

/// WATCHDOG=1 at half the interval that systemd asks for (sd_watchdog_enabled(3)): the only timer of an idle
/// agent.
class Watchdog {
 public:
  explicit Watchdog(boost::asio::io_context& io) : timer_(io) {
    std::uint64_t usec = 0;
    if (::sd_watchdog_enabled(0, &usec) > 0) period_ = std::chrono::microseconds(usec / 2);
    if (period_.count() > 0) arm();
  }

 private:
  void arm() {
    timer_.expires_after(period_);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error) return;
      ::sd_notify(0, "WATCHDOG=1");
      arm();
    });
  }
  boost::asio::steady_timer timer_;
  std::chrono::microseconds period_{0};
};

void reload_on_hangup(boost::asio::signal_set& signals, agent::Agent& agent) {
  signals.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    agent.scan();
    reload_on_hangup(signals, agent);
  });
}

int run(agent::Options options) {
  // A peer that is gone is an error of the write, whoever started the agent.
  signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context io(1);
  agent::Agent agent(io, std::move(options));
  boost::asio::signal_set end(io, SIGTERM, SIGINT);
  end.async_wait([&io](boost::system::error_code, int) { io.stop(); });
  boost::asio::signal_set hangup(io, SIGHUP);
  reload_on_hangup(hangup, agent);
  const auto started = agent.start([] { ::sd_notify(0, "READY=1\nSTATUS=Watching for pods"); });
  if (!started) return complain(started.error());
  Watchdog watchdog(io);
  io.run();
  ::sd_notify(0, "STOPPING=1");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("podsd runs the pods of /etc/pods.d with systemd as their supervisor", "podsd");
  agent::Options options;
  options.paths.libexec = PODSD_LIBEXECDIR;
  std::string config = "/etc/podsd/podsd.yaml";
  app.add_option("--config", config, "configuration file")->capture_default_str();
  app.add_option("--manifests", options.paths.manifests, "folder of manifests")->capture_default_str();
  app.add_option("--libexec", options.paths.libexec, "folder of podsd-sandbox and podsd-runtime")
      ->capture_default_str();
  app.set_version_flag("--version", "podsd " PODSD_VERSION);
  CLI11_PARSE(app, argc, argv);

  ::umask(022);
  auto node = agent::look_at_node();
  if (!node) return complain(node.error());
  options.node = std::move(*node);
  options.node.bus_name = "org.podsd1";
  if (auto read = agent::read_config(config, options.node, options.runtimes, options.network); !read)
    return complain(read.error());
  const auto images = image::read_settings(config);
  if (!images) return complain(images.error());
  options.image_gc = images->gc;
  return run(std::move(options));
}

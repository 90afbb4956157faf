// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "agent/network/cni/operations.hpp"
#include "agent/os/files.hpp"

namespace podsd::network::cni {

namespace fs = std::filesystem;

/// Folders of configurations, plugins and state, gone with it.
struct Host {
  fs::path root;
  Settings settings;
  Records records{fs::path()};

  Host() {
    std::string name = "/tmp/cni-test-XXXXXX";
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    for (const char* folder : {"net.d", "bin", "more"}) fs::create_directory(root / folder);
    settings = {root / "net.d", {root / "bin", root / "more"}, std::chrono::seconds(20)};
    records = Records(root / "records");
  }
  ~Host() { fs::remove_all(root); }

  void file(const fs::path& name, const std::string& text) const {
    BOOST_REQUIRE(os::replace_file(root / name, text, false, 0755).has_value());
  }
  /// A plugin that logs its command and name, keeps its input, and then does what `body` says; by default it
  /// passes the result on or makes one.
  void plugin(const std::string& name, const std::string& body = "") const {
    file("bin/" + name, "#!/bin/sh\nlog=" + root.string() + R"(
name=${0##*/}
input=$(cat)
echo "$CNI_COMMAND $name" >>$log/log
printf '%s' "$input" >$log/$name.$CNI_COMMAND
printf '%s' "$CNI_CONTAINERID|$CNI_NETNS|$CNI_IFNAME|$CNI_ARGS|$CNI_PATH" >$log/$name.$CNI_COMMAND.env
result='{"cniVersion": "1.0.0", "ips": [{"address": "10.1.0.2/24"}], "by": "'$name'"}'
)" + body + R"(
case $CNI_COMMAND in
  VERSION) echo '{"cniVersion": "1.0.0", "supportedVersions": ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]}' ;;
  ADD) echo "$result" ;;
esac
)");
  }
  void network(const std::string& version, const std::vector<std::string>& plugins,
               const std::string& more = "") const {
    Json list{{"cniVersion", version}, {"name", "net"}, {"plugins", Json::array()}};
    for (const std::string& type : plugins) list["plugins"].push_back({{"type", type}});
    if (!more.empty()) list.update(Json::parse(more));
    file("net.d/10-net.conflist", list.dump());
  }
  [[nodiscard]] Operations operations() const { return {{settings, root / "versions"}, records}; }
  [[nodiscard]] AddRequest request() const {
    return {"pods-a:web", (root / "netns").string(), "IgnoreUnknown=1", Json::object()};
  }
  /// What add() says, and remove() after an error.
  [[nodiscard]] std::string add() const {
    const auto added = operations().add(request());
    return added ? spec::to_string(added->addresses.at(0)) : added.error().message();
  }
  [[nodiscard]] std::string remove() const {
    const auto removed = operations().remove("pods-a:web");
    return removed ? "" : removed.error().message();
  }
  [[nodiscard]] std::string text(const fs::path& name) const {
    return os::read_file(root / name).value_or("nothing");
  }
  /// The commands since the last call, but VERSION.
  [[nodiscard]] std::string log() const {
    std::string lines, line;
    for (const char c : text("log")) {
      line += c == '\n' ? ',' : c;
      if (c != '\n') continue;
      if (!line.starts_with("VERSION")) lines += line;
      line.clear();
    }
    fs::remove(root / "log");
    return lines;
  }
  [[nodiscard]] Json input(const std::string& name) const { return Json::parse(text(name)); }
  [[nodiscard]] bool recorded() const { return records.find("pods-a:web").value().has_value(); }
};

}  // namespace podsd::network::cni

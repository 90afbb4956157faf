// SPDX-License-Identifier: Apache-2.0
// How a manifest and an image become one OCI configuration.
#include <boost/test/unit_test.hpp>

#include <csignal>

#include "agent/engine/oci_config.hpp"

using namespace podsd;
using namespace podsd::engine;

namespace {

using Words = std::vector<std::string>;

image::ImageConfig image_config() {
  image::ImageConfig config;
  config.entrypoint = {"/entry"};
  config.cmd = {"serve", "--fast"};
  config.env = {"PATH=/image/bin", "MODE=image"};
  config.working_dir = "/srv";
  return config;
}

ContainerSpec container() {
  ContainerSpec c;
  c.name = "c";
  c.image = "a:1";
  return c;
}

}  // namespace

BOOST_AUTO_TEST_CASE(command_and_args_over_entrypoint_and_cmd) {
  // The four rows of "Define a Command and Arguments for a Container".
  ContainerSpec c = container();
  BOOST_TEST((container_args(c, image_config()) == Words{"/entry", "serve", "--fast"}));
  c.args = {"x"};
  BOOST_TEST((container_args(c, image_config()) == Words{"/entry", "x"}));
  c.command = {"/own"};
  BOOST_TEST((container_args(c, image_config()) == Words{"/own", "x"}));
  c.args.clear();
  BOOST_TEST((container_args(c, image_config()) == Words{"/own"}));
}

BOOST_AUTO_TEST_CASE(references_are_expanded_from_the_manifest_alone) {
  ContainerSpec c = container();
  c.env = {{"A", "1"}, {"B", "$(A)2"}, {"LATER", "$(Z)"}, {"Z", "z"}};
  c.command = {"run", "$(B)", "$(MODE)", "$$(A)"};
  BOOST_TEST((container_args(c, image_config()) == Words{"run", "12", "$(MODE)", "$(A)"}));
}

BOOST_AUTO_TEST_CASE(environment) {
  ContainerSpec c = container();
  c.env = {{"MODE", "pod"}, {"B", "$(MODE)!"}, {"C", "$(D)"}};
  const image::UserInfo user{.uid = 0, .gid = 0, .additional_gids = {}, .home = "/root"};
  const auto image = image_config();
  const Words env = container_env({c, image, user, "web", {}});
  BOOST_TEST((env == Words{"PATH=/image/bin", "B=pod!", "C=$(D)", "MODE=pod", "HOSTNAME=web", "HOME=/root"}));
}

BOOST_AUTO_TEST_CASE(a_terminal_has_a_type) {
  ContainerSpec c = container();
  c.tty = true;
  const image::UserInfo user{};
  const auto image = image_config();
  const auto config = oci_config({c, image, user, "web", {}}).value();
  BOOST_TEST(config["process"]["terminal"] == true);
  const auto types = [](const std::vector<std::string>& env) {
    std::vector<std::string> out;
    for (const std::string& entry : env)
      if (entry.starts_with("TERM=")) out.push_back(entry);
    return out;
  };
  BOOST_TEST(types(container_env({c, image, user, "web", {}})) == std::vector<std::string>{"TERM=xterm"});
  c.env.push_back({"TERM", "vt100"});
  BOOST_TEST(types(container_env({c, image, user, "web", {}})) == std::vector<std::string>{"TERM=vt100"});
  c.env.pop_back();
  c.tty = false;
  BOOST_TEST(types(container_env({c, image, user, "web", {}})).empty());
}

BOOST_AUTO_TEST_CASE(nothing_to_run_is_an_error) {
  const ContainerSpec c = container();
  const image::UserInfo user{};
  const image::ImageConfig empty;
  BOOST_TEST(!oci_config({c, empty, user, "web", {}}).has_value());
}

BOOST_AUTO_TEST_CASE(what_isolates_is_there) {
  ContainerSpec c = container();
  c.security.read_only_root_filesystem = true;
  c.security.allow_privilege_escalation = false;
  c.oom_score_adj = 999;
  const image::UserInfo user{.uid = 1000, .gid = 7, .additional_gids = {8}, .home = ""};
  const auto image = image_config();
  const auto config = oci_config({c, image, user, "web", {{"/host", "/data", true}}}).value();
  BOOST_TEST(config["process"]["terminal"] == false);
  BOOST_TEST(config["process"]["user"].dump() == R"({"uid":1000,"gid":7,"additionalGids":[8]})");
  BOOST_TEST(config["process"]["cwd"] == "/srv");
  BOOST_TEST(config["process"]["noNewPrivileges"] == true);
  BOOST_TEST(config["process"]["oomScoreAdj"] == 999);
  BOOST_TEST(config["process"]["capabilities"]["effective"].empty());
  BOOST_TEST(config["process"]["capabilities"]["bounding"].size() == 11U);
  BOOST_TEST(!config["process"]["capabilities"].contains("ambient"));
  BOOST_TEST(config["root"].dump() == R"({"path":"rootfs","readonly":true})");
  BOOST_TEST(config["mounts"].back().dump() ==
             R"({"destination":"/data","type":"bind","source":"/host","options":["rbind","rprivate","ro"]})");
  BOOST_TEST(config["linux"]["namespaces"].dump() ==
             R"([{"type":"pid"},{"type":"mount"},{"type":"cgroup"}])");
  BOOST_TEST(config["linux"]["maskedPaths"].size() == 12U);
  BOOST_TEST(!config["linux"].contains("resources"));
}

BOOST_AUTO_TEST_CASE(stop_signals) {
  BOOST_TEST(stop_signal("") == SIGTERM);
  BOOST_TEST(stop_signal("SIGQUIT") == SIGQUIT);
  BOOST_TEST(stop_signal("QUIT") == SIGQUIT);
  BOOST_TEST(stop_signal("3") == 3);
  BOOST_TEST(stop_signal("0") == SIGTERM);
  BOOST_TEST(stop_signal("99999999999") == SIGTERM);
  BOOST_TEST(stop_signal("NONSENSE") == SIGTERM);
}

BOOST_AUTO_TEST_CASE(a_user_namespace_of_its_own) {
  ContainerSpec c = container();
  const image::UserInfo user;
  const auto image = image_config();
  std::vector<Bind> binds = {{"/own", "/own", false}, {"/host", "/host", true, true}};
  const auto config = oci_config({c, image, user, "web", binds, nullptr, {}, 131072, "/run/userns"});
  BOOST_REQUIRE(config);
  const auto maps = nlohmann::ordered_json::parse(R"([{"containerID": 0, "hostID": 131072, "size": 65536}])");
  BOOST_TEST(((*config)["linux"]["uidMappings"] == maps && (*config)["linux"]["gidMappings"] == maps));
  BOOST_TEST((*config)["linux"]["namespaces"].back().dump() == R"({"type":"user","path":"/run/userns"})");
  auto& mounts = (*config)["mounts"];
  BOOST_TEST(!mounts[mounts.size() - 2].contains("uidMappings"));
  BOOST_TEST(mounts.back()["options"].dump() == R"(["rbind","rprivate","ro","ridmap"])");
  BOOST_TEST((mounts.back()["uidMappings"] == maps && mounts.back()["gidMappings"] == maps));
  const auto plain = oci_config({c, image, user, "web", binds});
  BOOST_REQUIRE(plain);
  BOOST_TEST(!(*plain)["linux"].contains("uidMappings"));
  BOOST_TEST((*plain)["linux"]["namespaces"].size() == 3U);
}

// SPDX-License-Identifier: Apache-2.0
// The same images as other tools see them.
#include <sys/mount.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "tests/agent/image/layout.hpp"

using namespace podsd::test;
namespace fs = std::filesystem;

namespace {

struct Fixture : Scratch {
  void shell(const std::string& script) const {
    const std::string command = "cd " + path.string() + " && { " + script + "; } >log 2>&1";
    BOOST_REQUIRE_MESSAGE(std::system(command.c_str()) == 0, script << "\n" << slurp(path / "log"));
  }

  /// A root of real files, changed in a second layer by removing, replacing and adding.
  void build() const {
    shell(
        "mkdir -p root/usr/bin root/tmp root/var && cp -a /etc root/etc && cp -a /bin/su /bin/ln "
        "root/usr/bin/ &&"
        "chmod 1777 root/tmp && ln root/usr/bin/su root/usr/bin/su2 && mkfifo root/var/pipe &&"
        "chown 33:44 root/var && setfattr -n user.note -v x root/usr/bin/ln &&"
        "umoci init --layout l && umoci new --image l:1 && umoci insert --image l:1 root / &&"
        "umoci config --image l:1 --config.user www-data --config.entrypoint /bin/sh && umoci unpack --image "
        "l:1 "
        "b1 &&"
        "rm -r b1/rootfs/etc/default b1/rootfs/etc/hosts && rm -r b1/rootfs/etc/systemd &&"
        "mkdir b1/rootfs/etc/systemd && echo x > b1/rootfs/etc/systemd/x && ln -sfn /nowhere "
        "b1/rootfs/var/pipe &&"
        "echo y > b1/rootfs/tmp/y && umoci repack --image l:2 b1 && umoci insert --image l:2 /etc/hostname "
        "/tmp/h &&"
        "umoci unpack --image l:2 b2");
  }

  std::vector<std::string> merged(const podsd::image::Image& image) const {
    std::string lower;
    for (const auto& layer : image.layers) lower.insert(0, layer.string() + (lower.empty() ? "" : ":"));
    fs::create_directories(path / "merged" / "empty");
    if (image.layers.size() == 1) return describe(image.layers[0]);
    const int mounted =
        ::mount("overlay", (path / "merged").c_str(), "overlay", MS_RDONLY, ("lowerdir=" + lower).c_str());
    BOOST_REQUIRE_MESSAGE(mounted == 0, "cannot mount overlay");
    auto lines = describe(path / "merged");
    ::umount2((path / "merged").c_str(), MNT_DETACH);
    return lines;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tools, Fixture)

BOOST_AUTO_TEST_CASE(umoci_unpacks_the_same_tree) {
  build();
  auto store = open_store(path / "store");
  for (const std::string tag : {"1", "2"}) {
    const auto image = store.import("oci:" + (path / "l").string() + ":" + tag, "localhost/t:" + tag);
    BOOST_REQUIRE_MESSAGE(image, message_of(image));
    BOOST_TEST(image->config.user == "www-data");
    if (tag == "1") shell("rm -rf b1 && umoci unpack --image l:1 b1");
    BOOST_TEST(merged(*image) == describe(path / ("b" + tag) / "rootfs"), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(skopeo_archives_hold_the_same_image) {
  build();
  shell(
      "skopeo copy -q oci:l:2 docker-archive:d.tar:localhost/d:2 && skopeo copy -q oci:l:2 "
      "oci-archive:o.tar:t &&"
      "gzip -k d.tar");
  auto store = open_store(path / "store");
  const auto image = store.import("oci:" + (path / "l").string() + ":2", "localhost/t:1").value();
  for (const std::string& source :
       {"docker-archive:" + (path / "d.tar").string(), "oci-archive:" + (path / "o.tar").string(),
        "docker-archive:" + (path / "d.tar.gz").string() + ":localhost/d:2"}) {
    const auto other = store.import(source, "localhost/o:1");
    BOOST_REQUIRE_MESSAGE(other, message_of(other));
    BOOST_TEST(other->layers == image.layers);
  }
}

BOOST_AUTO_TEST_SUITE_END()

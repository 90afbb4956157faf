// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include "bundle.hpp"

using namespace podsd::runtime;
namespace utf = boost::unit_test;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(mounting, *utf::precondition(can_run))

BOOST_AUTO_TEST_CASE(file_systems_have_their_options) {
  Bundle bundle;
  auto table = bundle.shell("mount").output;
  for (const char* line :
       {"proc on /proc type proc (rw,nosuid,nodev,noexec,relatime)",
        "tmpfs on /dev type tmpfs (rw,nosuid,size=65536k,mode=755",
        "devpts on /dev/pts type devpts (rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666)",
        "sysfs on /sys type sysfs (ro,nosuid,nodev,noexec,relatime)",
        "mqueue on /dev/mqueue type mqueue (rw,nosuid,nodev,noexec,relatime)",
        "cgroup on /sys/fs/cgroup type cgroup2 (ro,nosuid,nodev,noexec,relatime)"})
    BOOST_TEST(table.find(line) != std::string::npos, line << " in\n" << table);
  BOOST_TEST(table.find(bundle.dir.string()) == std::string::npos);  // nothing of the host is left
}

BOOST_AUTO_TEST_CASE(devices_work) {
  Bundle bundle;
  bundle.config["linux"]["devices"] = {{{"path", "/dev/extra/zero"},
                                        {"type", "c"},
                                        {"major", 1},
                                        {"minor", 5},
                                        {"fileMode", 0640},
                                        {"uid", 7},
                                        {"gid", 8}}};
  auto outcome = bundle.shell(
      "echo x > /dev/null; head -c 3 /dev/zero | wc -c; stat -c '%a %t:%T %u:%g %F' /dev/null "
      "/dev/extra/zero; "
      "for link in ptmx fd stdout; do readlink /dev/$link; done; stat -c %a /dev/shm");
  BOOST_TEST(outcome.output ==
             "3\n666 1:3 0:0 character special file\n640 1:5 7:8 character special file\n"
             "pts/ptmx\n/proc/self/fd\n/proc/self/fd/1\n1777\n");
}

BOOST_AUTO_TEST_CASE(binds_of_directories_and_files) {
  Bundle bundle;
  fs::create_directories(bundle.dir / "data");
  spill(bundle.dir / "data/file", "content\n");
  bundle.add_mount("/mnt/rw", "bind", (bundle.dir / "data").string(), {"rbind", "rprivate", "rw"});
  bundle.add_mount("/mnt/ro", "", "data", {"bind", "ro", "nosuid", "noexec"});  // relative to the bundle
  bundle.add_mount("/etc/one/file", "bind", (bundle.dir / "data/file").string(), {"bind", "ro"});
  auto outcome = bundle.shell(
      "cat /mnt/rw/file /mnt/ro/file /etc/one/file; echo new > /mnt/rw/new; echo no > /mnt/ro/no; "
      "echo no > /etc/one/file; mount | grep -c ' /mnt/ro .*(ro,nosuid.*noexec'");
  BOOST_TEST(outcome.output.starts_with("content\ncontent\ncontent\n"));
  BOOST_TEST(outcome.output.ends_with("\n1\n"));
  BOOST_TEST(slurp(bundle.dir / "data/new") == "new\n");
  BOOST_TEST(!fs::exists(bundle.dir / "data/no"));
  BOOST_TEST(slurp(bundle.dir / "data/file") == "content\n");
}

BOOST_AUTO_TEST_CASE(read_only_reaches_submounts_with_rro) {
  Bundle bundle;
  bundle.add_mount("/a", "tmpfs", "tmpfs", {});
  bundle.add_mount("/a/b", "tmpfs", "tmpfs", {"rro"});
  bundle.add_mount("/dev/shm", "bind", "", {"remount", "bind", "ro", "nosuid"});
  auto outcome = bundle.shell(
      "touch /a/x && echo yes; touch /a/b/x 2>/dev/null || echo no; touch /dev/shm/x 2>/dev/null || echo no");
  BOOST_TEST(outcome.output == "yes\nno\nno\n");
}

BOOST_AUTO_TEST_CASE(root_can_be_read_only) {
  Bundle bundle;
  bundle.config["root"]["readonly"] = true;
  bundle.add_mount("/data", "tmpfs", "tmpfs", {"size=1m"});
  auto outcome = bundle.shell("touch /file 2>/dev/null || echo refused; touch /data/file && echo written");
  BOOST_TEST(outcome.output == "refused\nwritten\n");
  BOOST_TEST(!fs::exists(bundle.root / "file"));
}

BOOST_AUTO_TEST_CASE(paths_are_masked_and_made_read_only) {
  Bundle bundle;
  fs::create_directories(bundle.root / "secret");
  spill(bundle.root / "secret/file", "x");
  spill(bundle.root / "hidden", "x");
  fs::create_directories(bundle.root / "other");
  spill(bundle.root / "other/file", "x");
  fs::create_directories(bundle.root / "frozen");
  bundle.config["linux"]["maskedPaths"] = {"/secret",    "/hidden",  "/other",
                                           "/proc/keys", "/no/such", "/hidden/below"};
  bundle.config["linux"]["readonlyPaths"] = {"/frozen", "/proc/sys", "/no/such"};
  auto outcome = bundle.shell(
      "ls -A /secret /other | wc -l; wc -c < /hidden; stat -c %t:%T /hidden; wc -c < /proc/keys; "
      "touch /secret/x 2>/dev/null || echo refused; touch /frozen/x 2>/dev/null || echo refused; "
      "echo 1 2>/dev/null > /proc/sys/kernel/shm_rmid_forced || echo refused; "
      "mount | grep ' /proc/sys '");
  BOOST_TEST(outcome.output.starts_with(
      "3\n0\n1:3\n0\nrefused\nrefused\n"));  // ls prints two headings and a blank line
  BOOST_TEST(outcome.output.find("proc on /proc/sys type proc (ro,nosuid,nodev,noexec") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(linked_targets_stay_in_the_root) {
  Bundle bundle;
  fs::create_directories(bundle.dir / "data");
  auto outside = bundle.dir / "outside";
  fs::create_directories(outside);
  fs::create_symlink(outside, bundle.root / "link");
  fs::create_symlink("../../../../../.." + outside.string(), bundle.root / "up");
  bundle.add_mount("/link/deep", "bind", (bundle.dir / "data").string(), {"bind"});
  bundle.add_mount("/up/deep", "bind", (bundle.dir / "data").string(), {"bind"});
  BOOST_TEST(bundle.shell("echo x > /link/deep/one; echo x > /up/deep/two").status == 0);
  BOOST_TEST(fs::is_empty(outside));
  BOOST_TEST(fs::exists(bundle.dir / "data/one"));
  BOOST_TEST(fs::exists(bundle.dir / "data/two"));
}

BOOST_AUTO_TEST_CASE(proc_is_not_mounted_through_a_link) {
  Bundle bundle;
  fs::create_directory(bundle.root / "elsewhere");
  fs::create_symlink("elsewhere", bundle.root / "proc");
  auto outcome = bundle.shell("true");
  BOOST_TEST(outcome.status == 1);
  BOOST_TEST(outcome.message() ==
             "mount proc on: /proc: cannot open in the container: /proc: Too many levels of symbolic links");
}

BOOST_AUTO_TEST_CASE(an_images_own_dev_null_is_not_believed) {
  Bundle bundle;
  bundle.config["mounts"].erase(4);  // mqueue, shm, pts and /dev itself: the image's own /dev is used
  bundle.config["mounts"].erase(3);
  bundle.config["mounts"].erase(2);
  bundle.config["mounts"].erase(1);
  fs::create_directory(bundle.root / "dev");
  spill(bundle.root / "dev/null", "a file");
  auto outcome = bundle.shell("true");
  BOOST_TEST(outcome.message() == "device: /dev/null: something else is there already");
}

BOOST_AUTO_TEST_CASE(no_mount_reaches_the_host) {
  Bundle bundle;
  auto before = slurp("/proc/self/mountinfo");
  bundle.add_mount("/shared", "tmpfs", "tmpfs", {"rshared"});
  BOOST_TEST(bundle.shell("true").status == 0);
  BOOST_TEST(slurp("/proc/self/mountinfo") == before);
}

BOOST_AUTO_TEST_CASE(no_pivot_works_too) {
  Bundle bundle;
  bundle.config["process"]["args"] = {"/bin/sh", "-c", "ls /; cd ..; pwd"};
  auto outcome = bundle.run({"--no-pivot"});
  BOOST_TEST(outcome.output == "bin\ndev\netc\nproc\nsys\n/\n");
}

BOOST_AUTO_TEST_SUITE_END()

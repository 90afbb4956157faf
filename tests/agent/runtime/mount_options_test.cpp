// SPDX-License-Identifier: Apache-2.0
#include "agent/runtime/mount_options.hpp"

#include <linux/mount.h>

#include <boost/test/unit_test.hpp>

using namespace podsd::runtime;

BOOST_AUTO_TEST_SUITE(mount_options)

BOOST_AUTO_TEST_CASE(flags_and_data_are_told_apart) {
  auto options = parse_mount_options({"nosuid", "noexec", "nodev", "mode=755", "size=64k", "ro"});
  BOOST_TEST(options.flags == static_cast<unsigned long>(MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY));
  BOOST_TEST(options.data == "mode=755,size=64k");
  BOOST_TEST(!options.bind);
}

BOOST_AUTO_TEST_CASE(later_options_win) {
  BOOST_TEST(parse_mount_options({"ro", "rw"}).flags == 0UL);
  BOOST_TEST(parse_mount_options({"rw", "ro"}).flags == static_cast<unsigned long>(MS_RDONLY));
  BOOST_TEST(parse_mount_options({"noatime", "strictatime"}).flags ==
             static_cast<unsigned long>(MS_STRICTATIME));
  BOOST_TEST(parse_mount_options({"rro", "rrw"}).recursive_set == 0U);
  BOOST_TEST(parse_mount_options({"rro", "rrw"}).recursive_clear ==
             static_cast<std::uint64_t>(MOUNT_ATTR_RDONLY));
  BOOST_TEST(parse_mount_options({"private", "rslave"}).propagation ==
             static_cast<unsigned long>(MS_SLAVE | MS_REC));
}

BOOST_AUTO_TEST_CASE(binds) {
  BOOST_TEST(parse_mount_options({"bind"}).bind);
  BOOST_TEST(!parse_mount_options({"bind"}).recursive);
  BOOST_TEST(parse_mount_options({"rbind"}).recursive);
}

BOOST_AUTO_TEST_CASE(attributes_of_one_mount) {
  auto attributes = mount_attributes(MS_RDONLY | MS_NOSUID | MS_SYNCHRONOUS);
  BOOST_TEST(attributes.set == static_cast<std::uint64_t>(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID));
  BOOST_TEST(attributes.clear == 0U);
  attributes = mount_attributes(MS_NOATIME);
  BOOST_TEST(attributes.set == static_cast<std::uint64_t>(MOUNT_ATTR_NOATIME));
  BOOST_TEST(attributes.clear == static_cast<std::uint64_t>(MOUNT_ATTR__ATIME));
  BOOST_TEST(mount_attributes(0).set == 0U);
}

BOOST_AUTO_TEST_CASE(a_copy_is_no_option_of_the_file_system) {
  auto options = parse_mount_options({"tmpcopyup", "size=1m"});
  BOOST_TEST(options.copy_up);
  BOOST_TEST(options.data == "size=1m");
}

BOOST_AUTO_TEST_SUITE_END()

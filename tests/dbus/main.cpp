// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE dbus
#include <boost/test/unit_test.hpp>

// sdbus-c++ 1.2 loses the sd_bus object of a connection to an address where nobody listens.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:sd_bus_new\n";
}

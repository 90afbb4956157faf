// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE image
#define BOOST_TEST_NO_MAIN
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <iostream>

int main(int argc, char** argv) {
  if (::geteuid() != 0) {
    std::cout << "skipped: unpacking owners, whiteouts and trusted xattrs needs root\n";
    return 77;
  }
  return boost::unit_test::unit_test_main(init_unit_test, argc, argv);
}

// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/port_forward.hpp"

#include <boost/test/unit_test.hpp>

namespace podsd::cli {

BOOST_AUTO_TEST_SUITE(port_forward_words)

BOOST_AUTO_TEST_CASE(ports_are_read) {
  BOOST_TEST((parse_forward("8080:80") == Forward{8080, 80}));
  BOOST_TEST((parse_forward("80") == Forward{80, 80}));
  BOOST_TEST((parse_forward(":80") == Forward{0, 80}));
  for (const char* bad :
       {"", ":", "80:", "0:80", "80:0", "65536", "http", "1:2:3", "-1:80", "80 ", "8080:80/tcp"})
    BOOST_TEST(!parse_forward(bad), bad);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace podsd::cli

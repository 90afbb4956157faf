// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE sandbox
#include <boost/test/included/unit_test.hpp>

#include <signal.h>

// As the agent does: see open_gate().
struct IgnorePipe {
  IgnorePipe() { signal(SIGPIPE, SIG_IGN); }
};
BOOST_TEST_GLOBAL_FIXTURE(IgnorePipe);

// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE sandbox
#include <boost/test/included/unit_test.hpp>

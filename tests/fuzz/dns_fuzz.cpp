// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>

#include "dns_properties.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string broken = podsd::policies::dns::broken_dns_property({data, size});
  if (broken.empty()) return 0;
  std::fprintf(stderr, "%s\n", broken.c_str());
  std::abort();
}

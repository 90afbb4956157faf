// SPDX-License-Identifier: Apache-2.0
#include "agent/network/packet_filter.hpp"

#include <nftables/libnftables.h>

#include <algorithm>
#include <memory>

namespace podsd::network {
namespace {

struct Free {
  void operator()(nft_ctx* context) const { nft_ctx_free(context); }
};

}  // namespace

Result<void> change_packet_rules(const std::string& text) {
  const std::unique_ptr<nft_ctx, Free> context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context || nft_ctx_buffer_error(context.get()) != 0 || nft_ctx_buffer_output(context.get()) != 0)
    return fail("cannot use libnftables");
  if (nft_run_cmd_from_buffer(context.get(), text.c_str()) == 0) return {};
  std::string words = nft_ctx_get_error_buffer(context.get());
  words.resize(std::min(words.size(), words.find('\n')));
  return fail("cannot change the packet filter's table podsd", words);
}

}  // namespace podsd::network

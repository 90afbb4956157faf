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

using Context = std::unique_ptr<nft_ctx, Free>;

Result<Context> open_context() {
  Context context(nft_ctx_new(NFT_CTX_DEFAULT));
  if (!context || nft_ctx_buffer_error(context.get()) != 0 || nft_ctx_buffer_output(context.get()) != 0)
    return fail("cannot use libnftables");
  return context;
}

/// The first line of what libnftables complains of.
std::string complaint(nft_ctx& context) {
  std::string words = nft_ctx_get_error_buffer(&context);
  words.resize(std::min(words.size(), words.find('\n')));
  return words;
}

}  // namespace

Result<void> change_packet_rules(const std::string& text) {
  const auto context = open_context();
  if (!context) return std::unexpected(context.error());
  if (nft_run_cmd_from_buffer(context->get(), text.c_str()) == 0) return {};
  return fail("cannot change the packet filter's table podsd", complaint(**context));
}

Result<std::string> list_packet_rules() {
  const auto context = open_context();
  if (!context) return std::unexpected(context.error());
  nft_ctx_output_set_flags(context->get(), NFT_CTX_OUTPUT_JSON);
  if (nft_run_cmd_from_buffer(context->get(), "list ruleset") != 0)
    return fail("cannot read the packet filter", complaint(**context));
  return std::string(nft_ctx_get_output_buffer(context->get()));
}

}  // namespace podsd::network

// SPDX-License-Identifier: Apache-2.0
#include "agent/image/reader.hpp"

#include <array>

#include "agent/image/archive.hpp"

namespace podsd::image {
namespace {

class Verified : public Reader {
 public:
  Verified(std::unique_ptr<Reader> inner, Expected expected)
      : inner_(std::move(inner)), expected_(std::move(expected)) {}

  Result<std::span<const char>> next() override {
    if (done_) return std::span<const char>();
    auto bytes = inner_->next();
    if (!bytes) return bytes;
    if (bytes->empty()) return finish();
    total_ += bytes->size();
    if (expected_.size && total_ > *expected_.size) return wrong_size();
    if (expected_.hex) hash_.update(bytes->data(), bytes->size());
    return bytes;
  }

 private:
  std::unexpected<Error> wrong_size() const {
    return fail("size differs from the " + std::to_string(*expected_.size) + " bytes declared",
                expected_.subject);
  }

  Result<std::span<const char>> finish() {
    if (expected_.size && total_ != *expected_.size) return wrong_size();
    if (expected_.hex) {
      const std::string found = hash_.hex();
      if (found != *expected_.hex)
        return fail("digest differs: sha256:" + found + " instead of sha256:" + *expected_.hex,
                    expected_.subject);
    }
    done_ = true;
    return std::span<const char>();
  }

  std::unique_ptr<Reader> inner_;
  Expected expected_;
  Sha256 hash_;
  std::uint64_t total_ = 0;
  bool done_ = false;
};

class Budgeted : public Reader {
 public:
  Budgeted(std::unique_ptr<Reader> inner, std::uint64_t& budget)
      : inner_(std::move(inner)), budget_(budget) {}

  Result<std::span<const char>> next() override {
    auto bytes = inner_->next();
    if (!bytes) return bytes;
    if (bytes->size() > budget_) return fail("image unpacks to more bytes than allowed");
    budget_ -= bytes->size();
    return bytes;
  }

 private:
  std::unique_ptr<Reader> inner_;
  std::uint64_t& budget_;
};

class Decompressed : public Reader {
 public:
  explicit Decompressed(std::unique_ptr<Reader> inner) : inner_(std::move(inner)) {}

  Result<std::span<const char>> next() override {
    if (done_) return std::span<const char>();
    if (!archive_) {
      if (auto opened = open(); !opened) return std::unexpected(opened.error());
    }
    while (!done_) {
      const void* data = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int code = archive_read_data_block(archive_->get(), &data, &size, &offset);
      if (code == ARCHIVE_EOF) return finish();
      if (code != ARCHIVE_OK) return std::unexpected(archive_->error("cannot decompress"));
      if (size > 0) return std::span(static_cast<const char*>(data), size);
    }
    return std::span<const char>();
  }

 private:
  Result<void> open() {
    archive_ = std::make_unique<ArchiveInput>(*inner_);
    archive_read_support_filter_gzip(archive_->get());
    archive_read_support_filter_zstd(archive_->get());
    archive_read_support_format_raw(archive_->get());
    archive_read_support_format_empty(archive_->get());
    if (auto opened = archive_->open(); !opened) return opened;
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(archive_->get(), &entry);
    if (code == ARCHIVE_EOF) done_ = true;
    if (code != ARCHIVE_OK && code != ARCHIVE_EOF)
      return std::unexpected(archive_->error("cannot decompress"));
    return {};
  }

  Result<std::span<const char>> finish() {
    done_ = true;
    if (auto rest = drain(*inner_); !rest) return std::unexpected(rest.error());
    return std::span<const char>();
  }

  std::unique_ptr<Reader> inner_;
  std::unique_ptr<ArchiveInput> archive_;
  bool done_ = false;
};

class Padded : public Reader {
 public:
  explicit Padded(Reader& inner) : inner_(inner) {}

  Result<std::span<const char>> next() override {
    if (done_) return std::span<const char>();
    auto bytes = inner_.next();
    if (!bytes) return bytes;
    over_ = (over_ + bytes->size()) % block;
    if (!bytes->empty()) return bytes;
    done_ = true;
    return std::span<const char>(zeros).first(over_ == 0 ? 0 : block - over_);
  }

 private:
  static constexpr std::size_t block = 512;
  static constexpr std::array<char, block> zeros{};
  Reader& inner_;
  std::size_t over_ = 0;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<Reader> padded(Reader& inner) {
  return std::make_unique<Padded>(inner);
}

std::unique_ptr<Reader> verified(std::unique_ptr<Reader> inner, Expected expected) {
  return std::make_unique<Verified>(std::move(inner), std::move(expected));
}

std::unique_ptr<Reader> budgeted(std::unique_ptr<Reader> inner, std::uint64_t& budget) {
  return std::make_unique<Budgeted>(std::move(inner), budget);
}

std::unique_ptr<Reader> decompressed(std::unique_ptr<Reader> inner) {
  return std::make_unique<Decompressed>(std::move(inner));
}

Result<std::string> read_all(Reader& reader, std::size_t cap, const std::string& subject) {
  std::string text;
  while (true) {
    auto bytes = reader.next();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return text;
    if (bytes->size() > cap - text.size())
      return fail("larger than the " + std::to_string(cap) + " bytes allowed", subject);
    text.append(bytes->data(), bytes->size());
  }
}

Result<void> drain(Reader& reader) {
  while (true) {
    auto bytes = reader.next();
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return {};
  }
}

}  // namespace podsd::image

// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/image/tar.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cstdio>
#include <cstring>

namespace podsd::test {
namespace {

void put(std::string& header, std::size_t at, const std::string& text) {
  header.replace(at, text.size(), text);
}

std::string octal(std::uint64_t value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
  return text;
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 511) / 512 * 512, '\0');
  return bytes;
}

std::string header_of(const Entry& entry) {
  std::string header(512, '\0');
  put(header, 0, entry.name.substr(0, 100));
  put(header, 100, octal(entry.mode, 7));
  put(header, 108, octal(entry.uid, 7));
  put(header, 116, octal(entry.gid, 7));
  put(header, 124, octal(entry.declared_size.value_or(entry.data.size()), 11));
  put(header, 136, octal(static_cast<std::uint64_t>(entry.mtime), 11));
  put(header, 148, "        ");
  header[156] = entry.type;
  put(header, 157, entry.link.substr(0, 100));
  put(header, 257, std::string("ustar\00000", 8));
  put(header, 329, octal(entry.major, 7));
  put(header, 337, octal(entry.minor, 7));
  unsigned sum = 0;
  for (const unsigned char c : header) sum += c;
  put(header, 148, octal(sum, 6) + std::string("\0 ", 2));
  return header;
}

std::string pax_record(const std::string& key, const std::string& value) {
  const std::string rest = " " + key + "=" + value + "\n";
  std::size_t size = rest.size() + 1;
  while (std::to_string(size).size() + rest.size() != size) ++size;
  return std::to_string(size) + rest;
}

}  // namespace

Entry file(std::string name, std::string data) {
  return {.name = std::move(name), .data = std::move(data)};
}

Entry folder(std::string name, unsigned mode) {
  return {.name = std::move(name), .type = '5', .mode = mode};
}

Entry symbolic_link(std::string name, std::string target) {
  return {.name = std::move(name), .type = '2', .link = std::move(target), .mode = 0777};
}

Entry hardlink(std::string name, std::string target) {
  return {.name = std::move(name), .type = '1', .link = std::move(target)};
}

std::string tar(const std::vector<Entry>& entries) {
  std::string bytes;
  for (const Entry& entry : entries) {
    std::string records;
    for (const auto& [key, value] : entry.pax) records += pax_record(key, value);
    if (!records.empty()) bytes += header_of({.name = "pax", .type = 'x', .data = records}) + padded(records);
    bytes += header_of(entry) + padded(entry.data);
  }
  return bytes + std::string(1024, '\0');
}

std::string compress(const std::string& bytes, const std::string& filter) {
  if (filter == "none") return bytes;
  archive* writer = archive_write_new();
  if (filter == "gzip") archive_write_add_filter_gzip(writer);
  if (filter == "zstd") archive_write_add_filter_zstd(writer);
  archive_write_set_format_raw(writer);
  archive_write_set_bytes_per_block(writer, 0);
  std::string result(bytes.size() * 2 + 4096, '\0');
  std::size_t used = 0;
  archive_write_open_memory(writer, result.data(), result.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, bytes.data(), bytes.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  result.resize(used);
  return result;
}

}  // namespace podsd::test

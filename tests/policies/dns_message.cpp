// SPDX-License-Identifier: Apache-2.0
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "../fuzz/dns_properties.hpp"
#include "dns.hpp"

namespace podsd::policies::dns {
namespace {

const std::string opt_4096("\0\0\x29\x10\0\0\0\0\0\0\0", 11);

Bytes bytes(const std::string& text) {
  return {text.begin(), text.end()};
}

/// `question` with one byte set to a value.
Bytes with(Bytes message, std::size_t at, std::uint8_t value) {
  message.at(at) = value;
  return message;
}

spec::IpAddress ip(const char* text) {
  return *spec::parse_ip(text);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_question_is_read) {
  const auto query = parse_query(question("Web.Default.POD", a));
  BOOST_REQUIRE(query.has_value());
  BOOST_TEST(query->name == "web.default.pod");
  BOOST_TEST(query->type == 1);
  BOOST_TEST(query->cls == 1);
  BOOST_TEST(query->question_end == 12U + 17 + 4);
  BOOST_TEST(!query->edns);
  BOOST_TEST(query->udp_bytes == 512U);
  BOOST_TEST(parse_query(question("", 2))->name == "");
  BOOST_TEST(parse_query(question("a b\\c", a))->name == "a\\032b\\092c");
}

BOOST_AUTO_TEST_CASE(edns_says_how_much_is_taken) {
  Bytes message = with(question("web", aaaa), 11, 1);
  message.insert(message.end(), opt_4096.begin(), opt_4096.end());
  const auto query = parse_query(message);
  BOOST_REQUIRE(query.has_value());
  BOOST_TEST(query->edns);
  BOOST_TEST(query->udp_bytes == 4096U);
  BOOST_TEST(parse_query(with(message, message.size() - 8, 0))->udp_bytes == 512U);
  message.insert(message.end(), opt_4096.begin(), opt_4096.end());
  BOOST_TEST(!parse_query(with(message, 11, 2)));
}

BOOST_AUTO_TEST_CASE(what_is_malformed_is_nothing) {
  const Bytes good = question("web.default.pod", a);
  for (std::size_t size = 0; size < good.size(); ++size)
    BOOST_TEST(!parse_query(Message(good).first(size)), size);
  Bytes longer = good;
  longer.push_back(0);
  BOOST_TEST(!parse_query(longer));
  BOOST_TEST(!parse_query(with(good, 2, 0x80)));   // an answer
  BOOST_TEST(!parse_query(with(good, 5, 0)));      // no question
  BOOST_TEST(!parse_query(with(good, 5, 2)));      // two
  BOOST_TEST(!parse_query(with(good, 7, 1)));      // a record that is not there
  BOOST_TEST(!parse_query(with(good, 12, 0xC0)));  // compressed
  BOOST_TEST(!parse_query(with(good, 12, 64)));    // a long label
  std::string name;
  for (int i = 0; i < 127; ++i) name += i == 0 ? "a" : ".a";
  BOOST_TEST(parse_query(question(name, a)).has_value());
  BOOST_TEST(!parse_query(question(name + ".a", a)));
}

BOOST_AUTO_TEST_CASE(addresses_are_told) {
  Bytes message = with(question("Web", a), 11, 1);
  message[0] = 0x12;
  message.insert(message.end(), opt_4096.begin(), opt_4096.end());
  const auto query = parse_query(message);
  const Bytes out = reply(*query, message, {no_error, {ip("10.87.0.2")}, "", true}, 512);
  const std::string expected = std::string("\x12\x07\x85\x80\0\1\0\1\0\0\0\1", 12) +
                               std::string("\3Web\0\0\1\0\1", 9) +
                               std::string("\xC0\x0C\0\1\0\1\0\0\0\5\0\4\x0A\x57\0\2", 16) +
                               std::string("\0\0\x29\x04\xD0\0\0\0\0\0\0", 11);
  BOOST_TEST(out == bytes(expected), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pointer_is_told) {
  const Bytes message = question("2.0.87.10.in-addr.arpa", ptr);
  const Bytes out = reply(*parse_query(message), message, {no_error, {}, "web.team-a.pod", true}, 512);
  const std::string tail = std::string("\0\x10\3web\6team-a\3pod\0", 18);
  BOOST_TEST(std::string(out.end() - 18, out.end()) == tail);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_cut) {
  const Bytes message = question("web", a);
  const auto query = parse_query(message);
  const std::vector<spec::IpAddress> many(40, ip("10.87.0.2"));
  const Bytes out = reply(*query, message, {no_error, many, "", true}, 512);
  BOOST_TEST(out.size() == message.size());
  BOOST_TEST((out[2] & 0x02) != 0);
  BOOST_TEST(out[7] == 0);
  BOOST_TEST(reply(*query, message, {no_error, many, "", true}, 0xFFFF).size() == message.size() + 640);
  BOOST_TEST(truncated(*query, out).size() == message.size());
}

BOOST_AUTO_TEST_CASE(an_answer_is_known_by_id_and_question) {
  const Bytes asked = question("web", a);
  const auto query = parse_query(asked);
  const Bytes answer = reply(*query, asked, {no_such_name, {}, "", false}, 512);
  BOOST_TEST(is_answer(answer, asked, *query));
  BOOST_TEST(answer[3] == (0x80 | no_such_name));
  BOOST_TEST(!is_answer(asked, asked, *query));
  BOOST_TEST(!is_answer(with(answer, 1, 9), asked, *query));
  BOOST_TEST(!is_answer(with(answer, 13, 'v'), asked, *query));
  BOOST_TEST(!is_answer(with(answer, 5, 0), asked, *query));
  BOOST_TEST(!is_answer(Message(answer).first(11), asked, *query));
}

BOOST_AUTO_TEST_CASE(dns_fuzz_corpus) {
  int files = 0;
  const auto& suite = boost::unit_test::framework::master_test_suite();
  BOOST_REQUIRE_MESSAGE(suite.argc > 1, "usage: policies-test -- TESTS_DIR");
  const std::filesystem::path corpus = std::filesystem::path(suite.argv[1]) / "fuzz/corpus/dns";
  for (const auto& file : std::filesystem::directory_iterator(corpus)) {
    std::ifstream in(file.path(), std::ios::binary);
    const Bytes message{std::istreambuf_iterator<char>(in), {}};
    BOOST_TEST(broken_dns_property(message) == "", file.path());
    ++files;
  }
  BOOST_TEST(files > 20);
}

}  // namespace podsd::policies::dns

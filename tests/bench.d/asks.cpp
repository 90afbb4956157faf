// SPDX-License-Identifier: Apache-2.0
// Requests over a network, each a TCP connection of its own. Static, so that it runs in any root.
//
//   asks serve PORT          answers at that port of every address until it is killed, by two processes
//   asks ADDRESS PORT NUMBER asks that often from four processes at once; prints the requests per second
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int clients = 4;
constexpr std::size_t size = 64;

double now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

sockaddr_in address(const char* host, const char* port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
  inet_pton(AF_INET, host, &where.sin_addr);
  return where;
}

int serve(const char* port) {
  const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in where = address("0.0.0.0", port);
  if (bind(listening, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      listen(listening, 1024) != 0)
    return std::perror("asks: serve"), 1;
  if (fork() < 0) return std::perror("asks: fork"), 1;
  for (char text[size];;) {
    const int peer = accept(listening, nullptr, nullptr);
    if (peer < 0) continue;
    if (recv(peer, text, size, MSG_WAITALL) == static_cast<ssize_t>(size))
      send(peer, text, size, MSG_NOSIGNAL);
    close(peer);
  }
}

bool ask(const sockaddr_in& where) {
  char text[size] = {};
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answered = connect(peer, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 &&
                        send(peer, text, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size) &&
                        recv(peer, text, size, MSG_WAITALL) == static_cast<ssize_t>(size);
  close(peer);
  return answered;
}

int ask_all(const char* host, const char* port, int number) {
  const sockaddr_in where = address(host, port);
  const double start = now();
  for (int i = 0; i < clients; ++i)
    if (fork() == 0) {
      for (int n = 0; n < number / clients; ++n)
        if (!ask(where)) _exit(1);
      _exit(0);
    }
  int status = 0;
  for (int i = 0; i < clients; ++i)
    if (wait(&status) < 0 || status != 0)
      return std::fprintf(stderr, "asks: %s:%s gave no answer\n", host, port), 1;
  std::printf("%.0f\n", number / (now() - start));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "serve") == 0) return serve(argv[2]);
  if (argc == 4) return ask_all(argv[1], argv[2], std::atoi(argv[3]));
  std::fprintf(stderr, "usage: asks serve PORT, asks ADDRESS PORT NUMBER\n");
  return 2;
}

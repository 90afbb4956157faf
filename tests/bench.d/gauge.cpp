// SPDX-License-Identifier: Apache-2.0
// What the benchmark of images measures with:
//
//   gauge run FILE PROGRAM ARG...   runs the program; writes to FILE: its microseconds, the most kilobytes
//   that it and its
//                                   descendants had together (the sum of their PSS, looked at every 20 ms),
//                                   and the most that one of them had (ru_maxrss)
//   gauge drop FOLDER               drops what the page cache has of the files below the folder
//   gauge cached FOLDER             prints how many kilobytes it has of them
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

long pss_kb(const fs::path& process) {
  std::ifstream file(process / "smaps_rollup");
  std::string word;
  long kb = 0;
  while (file >> word)
    if (word == "Pss:" && file >> kb) return kb;
  return 0;
}

// Of the process and its descendants: each thread lists the children that it made.
long tree_kb(const std::string& pid) {
  const fs::path process = fs::path("/proc") / pid;
  long kb = pss_kb(process);
  std::error_code gone;
  for (fs::directory_iterator task(process / "task", gone), end; !gone && task != end; task.increment(gone)) {
    std::ifstream children(task->path() / "children");
    for (std::string child; children >> child;) kb += tree_kb(child);
  }
  return kb;
}

int run(const char* file, char** argv) {
  const auto start = Clock::now();
  pid_t child = 0;
  if (posix_spawnp(&child, argv[0], nullptr, nullptr, argv, environ) != 0) return std::perror(argv[0]), 1;
  long peak = 0;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    peak = std::max(peak, tree_kb(std::to_string(child)));
    usleep(20'000);
  }
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  std::ofstream(file) << took.count() << ' ' << peak << ' ' << usage.ru_maxrss << '\n';
  return status == 0 ? 0 : (std::fprintf(stderr, "gauge: %s failed\n", argv[0]), 1);
}

long cached_kb(int fd, std::size_t size) {
  void* map = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) return 0;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((size + page - 1) / page);
  long kb = 0;
  if (mincore(map, size, pages.data()) == 0)
    for (const unsigned char state : pages) kb += (state & 1) != 0 ? static_cast<long>(page / 1024) : 0;
  munmap(map, size);
  return kb;
}

int files(const char* folder, bool drop) {
  long kb = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.is_symlink() || entry.file_size() == 0) continue;
    const int fd = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME);
    if (fd < 0) return std::perror(entry.path().c_str()), 1;
    if (drop && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0) return std::perror("posix_fadvise"), 1;
    if (!drop) kb += cached_kb(fd, entry.file_size());
    close(fd);
  }
  if (!drop) std::printf("%ld\n", kb);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  if (what == "run" && argc > 3) return run(argv[2], argv + 3);
  if (what == "drop") return sync(), files(argv[2], true);
  if (what == "cached") return files(argv[2], false);
  std::fprintf(stderr, "gauge: see the head of its source\n");
  return 2;
}

// SPDX-License-Identifier: Apache-2.0
// What targets share: a folder for readers that need paths, and the way to end a run that found
// something.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace vitro::fuzz {

/// Ends the process in the way that fuzzers count as a find.
[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "FOUND: %s\n", what.c_str());
  std::abort();
}

inline void require(bool holds, const char* what) {
  if (!holds) fail(what);
}

/// One execution; each target defines its own. Returns -1 to keep the input out of the corpus.
int run_input(const uint8_t* data, size_t size);

/// A temporary folder, removed when the process ends normally. With VITRO_FUZZ_KEEP=FOLDER in the
/// environment it is FOLDER, and is kept: this turns an input into the files that it stands for.
class Folder {
 public:
  Folder() {
    if (const char* kept = std::getenv("VITRO_FUZZ_KEEP")) {
      kept_ = true;
      path_ = kept;
      std::filesystem::create_directories(path_);
      return;
    }
    std::string name = (std::filesystem::temp_directory_path() / "vitro_fuzz_XXXXXX").string();
    if (!mkdtemp(name.data())) fail("no temporary folder");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code error;
    if (!kept_) std::filesystem::remove_all(path_, error);
  }

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::string whole = path(name);
    const int file = open(whole.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written =
        ::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    if (close(file) != 0 || !written) fail("no room for temporary files");
    return whole;
  }
  void remove(const std::string& name) const {
    std::error_code error;
    std::filesystem::remove(path_ / name, error);
  }

 private:
  bool kept_ = false;
  std::filesystem::path path_;
};

inline std::string text_of(const uint8_t* data, size_t size) {
  return std::string(reinterpret_cast<const char*>(data), size);
}

}  // namespace vitro::fuzz

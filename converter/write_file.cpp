#include "converter/write_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "converter/error.h"

namespace vitro {

void write_file(const std::string& path, const void* data, size_t size) {
  const std::string temporary = path + ".tmp" + std::to_string(getpid());
  const auto fail = [&](const std::string& what) {
    const std::string why = std::strerror(errno);
    std::remove(temporary.c_str());
    throw InputError(path, what + " (" + why + ")", "give a path in a folder that exists, may be written to and has room");
  };
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (!file) fail("cannot be written");
  const bool written = std::fwrite(data, 1, size, file) == size;
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) fail("could not be written whole");
  if (std::rename(temporary.c_str(), path.c_str()) != 0) fail("cannot be replaced");
}

}  // namespace vitro

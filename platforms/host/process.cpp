// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

#include "converter/base/write_file.h"

namespace vitro::host {
namespace {

// Where memory runs out and nobody can catch it: in CLI11's objects before main, in destructors of
// nlohmann's. There may be none for the exception itself, either.
std::terminate_handler abort_as_before;

bool is_out_of_memory() {
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
  void* volatile memory =
      std::malloc(size_t{1} << 16);  // volatile: compilers may take for granted that there is some
  std::free(memory);
  return !memory;
}
void end_without_memory() {
  if (!is_out_of_memory()) abort_as_before();
  std::fputs("vitro: out of memory\n", stderr);
  std::_Exit(kRefused);
}
__attribute__((constructor(101))) void watch_memory() {
  abort_as_before = std::set_terminate(end_without_memory);
}

// A file that is opened must not become a closed standard stream's successor, and get what is
// printed: what is put there can neither be read nor written.
void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0)
      static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY));
}

void end_by_signal(int signal) {
  remove_unfinished_files();
  raise(signal);  // its own way of ending: the handler was for one time
}

// No half file stays behind. A signal that was ignored when the tool was started (nohup) stays so,
// and a file beyond the limit of its size is an error like a full disk.
void watch_signals() {
  struct sigaction now {
  }, before{};
  now.sa_handler = end_by_signal;
  now.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      sigaction(signal, &now, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace

void prepare_process() {
  hold_standard_streams();
  watch_signals();
}

}  // namespace vitro::host

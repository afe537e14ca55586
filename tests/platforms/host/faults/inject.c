/* SPDX-License-Identifier: Apache-2.0 */
/* Loaded with the tool (LD_PRELOAD), makes one call of the process fail, or all calls from one on.
 *
 *   FAULT_IN    memory: malloc, calloc, realloc, aligned_alloc, posix_memalign
 *               threads: pthread_create
 *               files: open, read, pread, write, lseek, fsync, rename, link, linkat, unlink, flock,
 *               fchmod, access, stat, opendir and their likes
 *   FAULT_AT    which call, counted from 1; 0: none
 *   FAULT_MORE  if set, all calls after it fail too
 *   FAULT_DO    fail (the default): the call fails as on a machine that is short of memory or
 *               threads, or has a broken disk; interrupt: EINTR, where the call may give that;
 *               short: it does half of a read or a write; kill: SIGKILL instead of the call
 *   FAULT_COUNT a file to which the number of calls is written
 *   FAULT_PLACES  a file to which a hash of the callers of each call is written, 8 bytes a call
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* glibc's own functions, which need no dlsym: dlsym allocates memory. */
extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* memory, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

enum kind { NOTHING, MEMORY, THREADS, FILES };
enum fault { NONE, FAIL, INTERRUPT, SHORT };

static enum kind in = NOTHING; /* until the constructor runs */
static enum fault what = FAIL;
static int kills, more;
static unsigned long at;
static _Atomic unsigned long calls;
static const char *count_file, *places_file;

__attribute__((constructor)) static void read_environment(void) {
  const char* kind = getenv("FAULT_IN");
  const char* number = getenv("FAULT_AT");
  const char* action = getenv("FAULT_DO");
  more = getenv("FAULT_MORE") != NULL;
  at = number ? strtoul(number, NULL, 10) : 0;
  count_file = getenv("FAULT_COUNT");
  places_file = getenv("FAULT_PLACES");
  if (places_file) (void)backtrace((void* [1]){NULL}, 1); /* the first one allocates */
  if (action) {
    kills = strcmp(action, "kill") == 0;
    what = strcmp(action, "interrupt") == 0 ? INTERRUPT
           : strcmp(action, "short") == 0   ? SHORT
                                            : FAIL;
  }
  if (!kind) return;
  in = strcmp(kind, "memory") == 0    ? MEMORY
       : strcmp(kind, "threads") == 0 ? THREADS
       : strcmp(kind, "files") == 0   ? FILES
                                      : NOTHING;
}

/* Only the executable's own file calls fail: Debian's libcpuinfo ends the process where it cannot
 * read /sys. */
static int is_program(void* caller) {
  Dl_info of_caller, of_program;
  return dladdr(caller, &of_caller) && dladdr((void*)getauxval(AT_ENTRY), &of_program) &&
         of_caller.dli_fbase == of_program.dli_fbase;
}

enum { MOST_CALLS = 1 << 20, MOST_CALLERS = 64 };
static uint64_t place_of[MOST_CALLS];

static void note_place(unsigned long number) {
  if (number > MOST_CALLS) abort();
  void* callers[MOST_CALLERS];
  const int count = backtrace(callers, MOST_CALLERS);
  uint64_t hash = 1;
  for (int i = 0; i < count; ++i) hash = (hash ^ (uint64_t)callers[i]) * 0x9e3779b97f4a7c15u;
  place_of[number - 1] = hash;
}

/* What happens to this call. */
static enum fault next_of(enum kind kind, void* caller) {
  if (kind != in || (kind == FILES && !is_program(caller))) return NONE;
  const unsigned long number = ++calls;
  if (places_file) note_place(number);
  if (at == 0 || number < at || (number > at && !more)) return NONE;
  if (kills) kill(getpid(), SIGKILL);
  return what;
}

#define next(kind) next_of(kind, __builtin_return_address(0))

static int failed(int code) {
  errno = code;
  return -1;
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static void write_file(const char* path, const void* bytes, size_t size) {
  const int file = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (file >= 0 && REAL(write)(file, bytes, size) != (ssize_t)size) abort();
}

__attribute__((destructor)) static void report(void) {
  in = NOTHING;
  char text[32];
  const int size = snprintf(text, sizeof text, "%lu", (unsigned long)calls);
  if (count_file) write_file(count_file, text, (size_t)size);
  if (places_file) write_file(places_file, place_of, calls * sizeof place_of[0]);
}

/* Memory. */

static void* out_of_memory(void) {
  errno = ENOMEM;
  return NULL;
}
void* malloc(size_t size) { return next(MEMORY) ? out_of_memory() : __libc_malloc(size); }
void* calloc(size_t count, size_t size) {
  return next(MEMORY) ? out_of_memory() : __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  return next(MEMORY) ? out_of_memory() : __libc_realloc(memory, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return next(MEMORY) ? out_of_memory() : __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, size_t alignment, size_t size) {
  void* const taken = next(MEMORY) ? NULL : __libc_memalign(alignment, size);
  if (!taken) return ENOMEM;
  *memory = taken;
  return 0;
}

/* Threads. */

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) {
  if (next(THREADS)) return EAGAIN;
  return REAL(pthread_create)(thread, attributes, start, argument);
}

/* Files. Calls on standard error do not fail, because the message goes there. */

#define OPEN(name)                             \
  int name(const char* path, int flags, ...) { \
    va_list list;                              \
    va_start(list, flags);                     \
    const mode_t mode = va_arg(list, mode_t);  \
    va_end(list);                              \
    const enum fault fault = next(FILES);      \
    if (fault == FAIL) return failed(EMFILE);  \
    return REAL(name)(path, flags, mode);      \
  }
OPEN(open)
OPEN(open64)

#define READ(name, ...)                         \
  const enum fault fault = next(FILES);         \
  if (fault == FAIL) return failed(EIO);        \
  if (fault == INTERRUPT) return failed(EINTR); \
  if (fault == SHORT && size > 1) size /= 2;    \
  return REAL(name)(__VA_ARGS__)

ssize_t read(int file, void* to, size_t size) { READ(read, file, to, size); }
ssize_t pread(int file, void* to, size_t size, off_t offset) {
  READ(pread, file, to, size, offset);
}
ssize_t pread64(int file, void* to, size_t size, off64_t offset) {
  READ(pread64, file, to, size, offset);
}
ssize_t write(int file, const void* from, size_t size) {
  if (file == STDERR_FILENO) return REAL(write)(file, from, size);
  const enum fault fault = next(FILES);
  if (fault == FAIL) return failed(ENOSPC);
  if (fault == INTERRUPT) return failed(EINTR);
  if (fault == SHORT && size > 1) size /= 2;
  return REAL(write)(file, from, size);
}

#define CALL(result, name, parameters, arguments, code) \
  result name parameters {                              \
    if (next(FILES) == FAIL) return failed(code);       \
    return REAL(name) arguments;                        \
  }
CALL(off_t, lseek, (int file, off_t offset, int from), (file, offset, from), EIO)
CALL(off64_t, lseek64, (int file, off64_t offset, int from), (file, offset, from), EIO)
CALL(int, fsync, (int file), (file), EIO)
CALL(int, fchmod, (int file, mode_t mode), (file, mode), EPERM)
CALL(int, rename, (const char* from, const char* to), (from, to), EACCES)
CALL(int, link, (const char* from, const char* to), (from, to), EPERM)
CALL(int, linkat, (int from_folder, const char* from, int to_folder, const char* to, int flags),
     (from_folder, from, to_folder, to, flags), ENOSPC)
CALL(int, flock, (int file, int how), (file, how), ENOLCK)
CALL(int, stat, (const char* path, struct stat* info), (path, info), EIO)
CALL(int, stat64, (const char* path, struct stat64* info), (path, info), EIO)
CALL(int, access, (const char* path, int how), (path, how), EACCES)

/* Never made to fail: a file would be left behind, whatever the tool did. */
int unlink(const char* path) {
  if (what != FAIL || kills) next(FILES);
  return REAL(unlink)(path);
}

DIR* opendir(const char* path) {
  if (next(FILES) == FAIL) return errno = EMFILE, (DIR*)NULL;
  return REAL(opendir)(path);
}

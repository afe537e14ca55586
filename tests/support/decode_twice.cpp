// SPDX-License-Identifier: Apache-2.0
#include "tests/support/decode_twice.h"

#include <malloc.h>
#include <pthread.h>

#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "platforms/host/pictures/picture.h"

namespace vitro {

namespace {

struct Job {
  const std::string& path;
  Decoding decoding;
};

void* decode(void* argument) {
  auto& job = *static_cast<Job*>(argument);
  void* volatile dirty = std::malloc(50'000);  // a thread's heap is new, and so all zeros
  std::free(dirty);                            // M_PERTURB fills it
  try {
    job.decoding.pixels = host::load_picture(job.path, Orientation::Apply).rgb;
  } catch (const InputError& error) {
    job.decoding.refused = error.what();
  }
  return nullptr;
}

// Decodes on a stack of its own that is filled with `filling`, with allocations that are filled
// with it too.
Decoding decode_in_memory_of(uint8_t filling, const std::string& path) {
  constexpr size_t kStack = size_t{512} << 10;
  Job job{path, {}};
  void* stack = nullptr;
  if (posix_memalign(&stack, 4096, kStack) != 0) {
    ADD_FAILURE() << "no memory for a stack";
    return job.decoding;
  }
  std::memset(stack, filling, kStack);
  mallopt(M_PERTURB, filling);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  EXPECT_EQ(pthread_attr_setstack(&attributes, stack, kStack), 0);
  pthread_t thread;
  const int started = pthread_create(&thread, &attributes, decode, &job);
  EXPECT_EQ(started, 0);
  if (started == 0) pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  mallopt(M_PERTURB, 0);
  std::free(stack);
  return job.decoding;
}

}  // namespace

Decoding decode_twice(const std::string& path) {
  Decoding first = decode_in_memory_of(0x5A, path);
  const Decoding second = decode_in_memory_of(0xC3, path);
  EXPECT_EQ(first.refused, second.refused);
  EXPECT_EQ(first.pixels, second.pixels) << path;
  return first;
}

}  // namespace vitro

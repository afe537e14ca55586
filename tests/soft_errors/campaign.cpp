// SPDX-License-Identifier: Apache-2.0
#include "tests/soft_errors/campaign.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "runtime/core/session.h"

namespace vitro::soft_errors {

namespace {

constexpr unsigned kLongest = 60;  // seconds of a trial: QEMU is slow

// The effect of a flip, as a child process reports it.
enum Effect : uint8_t {
  kDone = 1,
  kOutputs = 2,
  kTop1 = 4,
  kNumbers = 8,
  kSum = 16,
  kDigest = 32,
  kSelfTest = 64,
};

uint64_t random(uint64_t& state) {  // splitmix64
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

struct Flip {
  const Place* place;
  uint64_t byte;  // in the program or in the arena
  unsigned bit;   // of the element
  size_t picture;
};

Flip draw(const std::vector<Place>& places, size_t pictures, uint64_t seed) {
  uint64_t all = 0, state = seed;
  for (const Place& place : places) all += place.count;
  uint64_t element = random(state) % all;
  const Place* place = places.data();
  while (element >= place->count) element -= (place++)->count;
  const unsigned bit = static_cast<unsigned>(random(state) % place->bits);
  return {place, place->offset + element * place->stride + bit / 8, bit,
          static_cast<size_t>(random(state) % pictures)};
}

size_t largest(const float* values, size_t count) {
  return static_cast<size_t>(std::max_element(values, values + count) - values);
}

// Flags that child processes write and this process reads.
class Shared {
 public:
  explicit Shared(size_t bytes)
      : bytes_(bytes),
        memory_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~Shared() { munmap(memory_, bytes_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  volatile uint8_t& operator[](size_t i) const {
    return static_cast<volatile uint8_t*>(memory_)[i];
  }

 private:
  size_t bytes_;
  void* memory_;
};

}  // namespace

// One flip. Each effect is reported as soon as it is seen, because the next check may end the
// process.
class Trial {
 public:
  Trial(Subject& subject, Region region, const Flip& flip, volatile uint8_t& effects)
      : subject_(subject), region_(region), flip_(flip), effects_(effects) {}

  void run() {
    const auto& picture = subject_.pictures_[flip_.picture];
    std::memcpy(vitro_input(subject_.session_, nullptr), picture.data(), picture.size());
    if (!stays(region_)) {
      for (size_t s = 0; s < vitro_step_count(subject_.session_); ++s) {
        if (s == flip_.place->step) flip();
        vitro_run_step(subject_.session_, s);
      }
      if (flip_.place->step == vitro_step_count(subject_.session_)) flip();
      compare(vitro_output_values(subject_.session_, 0));
      return;
    }
    flip();
    if (vitro_program_sum(&subject_.program_, 0, subject_.program_.size) != subject_.program_sum_ ||
        vitro_session_sum(subject_.session_, &subject_.program_) != subject_.session_sum_)
      tell(kSum);
    compare(vitro_run(subject_.session_));
    if (vitro_program_check(&subject_.program_) != VITRO_OK) tell(kDigest);
    if (vitro_self_test(subject_.session_) != VITRO_OK) tell(kSelfTest);
    flip();  // flips the bit back
  }

 private:
  void tell(Effect effect) { effects_ = effects_ | effect; }

  void flip() {
    const bool in_file = stays(region_) && region_ != Region::session;
    (in_file ? subject_.file_ : subject_.arena_).get()[flip_.byte] ^=
        static_cast<uint8_t>(1u << flip_.bit % 8);
  }

  void compare(const float* values) {
    const std::vector<float>& answer = subject_.answers_[flip_.picture];
    const size_t count = answer.size();
    if (std::memcmp(values, answer.data(), count * sizeof(float)) == 0) return;
    tell(kOutputs);
    const bool finite =
        std::all_of(values, values + count, [](float v) { return std::isfinite(v); });
    if (!finite) tell(kNumbers);
    if (!finite || largest(values, count) != largest(answer.data(), count)) tell(kTop1);
  }

  Subject& subject_;
  const Region region_;
  const Flip& flip_;
  volatile uint8_t& effects_;
};

void Subject::Free::operator()(void* memory) const { std::free(memory); }

Subject::Subject(const std::vector<uint8_t>& program, std::vector<std::vector<uint8_t>> pictures,
                 const char* isa)
    : pictures_(std::move(pictures)) {
  const auto aligned = [](size_t bytes) {
    const size_t whole = (bytes + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT * VITRO_ALIGNMENT;
    void* const memory = std::aligned_alloc(VITRO_ALIGNMENT, whole);
    if (!memory) throw std::bad_alloc();
    std::memset(memory, 0, whole);
    return Memory(static_cast<uint8_t*>(memory));
  };
  file_ = aligned(program.size());
  std::memcpy(file_.get(), program.data(), program.size());
  vitro_status status = vitro_open(file_.get(), program.size(), &program_);
  if (status != VITRO_OK) throw std::runtime_error(vitro_status_text(status));
  const size_t arena_bytes = vitro_arena_bytes(&program_, 1);
  arena_ = aligned(arena_bytes);
  vitro_config config{};
  config.isa = isa;
  status = vitro_bind(&program_, &config, arena_.get(), arena_bytes, &session_);
  if (status != VITRO_OK) throw std::runtime_error(vitro_status_text(status));
  program_sum_ = vitro_program_sum(&program_, 0, program_.size);
  session_sum_ = vitro_session_sum(session_, &program_);
  vitro_output_info output;
  vitro_output(&program_, 0, &output);
  for (const std::vector<uint8_t>& picture : pictures_) {
    size_t bytes = 0;
    uint8_t* const input = vitro_input(session_, &bytes);
    if (picture.size() != bytes)
      throw std::runtime_error("a picture of " + std::to_string(picture.size()) +
                               " bytes, where the program takes " + std::to_string(bytes));
    std::memcpy(input, picture.data(), bytes);
    const float* const values = vitro_run(session_);
    answers_.emplace_back(values, values + output.rows * output.cols);
  }
}

Counts& Counts::operator+=(const Counts& other) {
  flips += other.flips, outputs += other.outputs, top1 += other.top1, numbers += other.numbers;
  crashes += other.crashes, hangs += other.hangs;
  sum += other.sum, digest += other.digest, self_test += other.self_test;
  return *this;
}

std::vector<Counts> shoot(Subject& subject, Region region, size_t flips, uint64_t seed,
                          const std::function<void(size_t)>& progress) {
  const std::vector<Place> places = places_of(region, subject.program(), subject.session());
  if (places.empty()) return {};
  // In these regions each flip has a process of its own, because it may break anything; elsewhere
  // many flips share one.
  const bool fragile = region == Region::structure || region == Region::session;
  const size_t batch = fragile ? 1 : 256;
  const uint64_t seeds = seed * kRegions + static_cast<uint64_t>(region);
  const auto flip_of = [&](size_t i) {
    return draw(places, subject.pictures(), seeds * 0x100000001b3u + i);
  };
  const Shared effects(flips);
  std::vector<Counts> counts(places[0].bits);
  size_t done = 0;
  while (done < flips) {
    const size_t until = std::min(flips, done + batch);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork was refused");
    if (child == 0) {
      const rlimit none = {0, 0};
      setrlimit(RLIMIT_CORE, &none);
      if (fragile)
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);  // sanitizers report each crash
      for (size_t i = done; i < until; ++i) {
        alarm(kLongest);
        const Flip flip = flip_of(i);
        Trial(subject, region, flip, effects[i]).run();
        effects[i] = effects[i] | kDone;
      }
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    for (; done < until; ++done) {
      const uint8_t effect = effects[done];
      Counts one;
      one.flips = 1;
      one.sum = (effect & kSum) != 0, one.digest = (effect & kDigest) != 0;
      one.self_test = (effect & kSelfTest) != 0;
      if (effect & kDone) {
        one.outputs = (effect & kOutputs) != 0, one.top1 = (effect & kTop1) != 0;
        one.numbers = (effect & kNumbers) != 0;
      } else {
        const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
        one.hangs = hung, one.crashes = !hung;
      }
      counts[flip_of(done).bit] += one;
      if (!(effect & kDone)) {
        ++done;
        break;
      }
    }
    if (progress) progress(done);
  }
  return counts;
}

}  // namespace vitro::soft_errors

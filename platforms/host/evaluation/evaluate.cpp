// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/evaluate.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

#include "converter/base/error.h"
#include "converter/base/parallel.h"

namespace vitro::host {

namespace {

constexpr size_t kAhead = 256;  // photos that fast lanes may be ahead of the slowest

/// Hands answers on in the order of their photos.
class InOrder {
 public:
  explicit InOrder(const std::function<void(const PhotoAnswer&)>& each) : each_(each) {}

  /// False when another lane failed.
  bool wait_for_room(size_t index) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return failed_ || index < next_ + kAhead; });
    return !failed_;
  }

  void add(PhotoAnswer answer) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(answer.index, std::move(answer));
    for (; !waiting_.empty() && waiting_.begin()->first == next_; ++next_) {
      each_(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
    room_.notify_all();
  }

  void fail() {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    room_.notify_all();
  }

 private:
  const std::function<void(const PhotoAnswer&)>& each_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::map<size_t, PhotoAnswer> waiting_;
  size_t next_ = 0;
  bool failed_ = false;
};

}  // namespace

void evaluate(const PhotoSet& photos, const Preprocessing& preprocessing,
              const std::vector<std::unique_ptr<Inference>>& sessions,
              const std::vector<std::unique_ptr<OutsideLogits>>& outside,
              const std::function<void(const PhotoAnswer&)>& each) {
  const auto answer_to = [&](size_t index, size_t lane) {
    PhotoAnswer answer;
    answer.index = index;
    try {
      const std::string& path = photos.photos[index].path;
      const std::vector<uint8_t> pixels = prepare_picture(path, preprocessing);
      const std::vector<float> logits = sessions[lane]->run(pixels);
      for (const vitro_answer& likely : sessions[lane]->top(logits, 5)) {
        answer.top.push_back(likely.index);
        answer.probabilities.push_back(likely.probability);
      }
      for (const auto& source : outside)
        answer.outside.push_back(compare(logits, source->logits(index, path, pixels, lane)));
    } catch (const InputError& error) {
      answer.fault = error.what();
    }
    return answer;
  };
  InOrder answers(each);
  std::atomic<size_t> next{
      0};  // whoever is free takes the next photo, so that the slowest is always in work
  parallel_for(sessions.size(), sessions.size(), [&](size_t lane) {
    try {
      for (size_t index; (index = next++) < photos.photos.size() && answers.wait_for_room(index);)
        answers.add(answer_to(index, lane));
    } catch (...) {
      answers.fail();
      throw;
    }
  });
}

}  // namespace vitro::host

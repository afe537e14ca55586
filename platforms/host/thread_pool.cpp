// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/thread_pool.h"

#include "platforms/host/processors.h"

namespace vitro::host {

ThreadPool::ThreadPool(size_t threads) : memory_(vitro_threads_bytes(threads)) {
  vitro_threads_config config{};
  config.threads = threads;
  config.processors = usable_processors();
  // A step that one thread does alone takes 0.1 ms; who sleeps has to be woken, which takes some
  // 0.05 ms. Between pictures threads sleep.
  config.worker_spins_us = 300;
  config.caller_spins_us = 50;
  config.stack_bytes = size_t{1} << 20;  // XNNPACK's linears and sanitizers need more
  // Neither priorities nor processors are asked for, so there is nothing to refuse.
  vitro_threads_start(&config, memory_.data(), memory_.size(), &pool_);
}

}  // namespace vitro::host

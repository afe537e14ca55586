// SPDX-License-Identifier: Apache-2.0
// The sanitizers' default options in targets; the environment may override them.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  // Little is kept of what was freed, so that -rss_limit_mb measures the target; fills are its own
  // (memory_fill.h); stacks of allocations are short, for speed; an allocation that cannot be met
  // is bad_alloc, as it is without sanitizers.
  return "quarantine_size_mb=8:malloc_context_size=2:max_malloc_fill_size=0:"
         "allocator_may_return_null=1:detect_stack_use_after_return=0:detect_leaks=1";
}

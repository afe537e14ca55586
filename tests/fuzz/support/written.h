// SPDX-License-Identifier: Apache-2.0
// What a target tells the memory sanitizer; nothing in other builds.
#pragma once

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
/// Fails if any of the bytes, or what they were computed from, was never written.
#define VITRO_CHECK_WRITTEN(data, size) __msan_check_mem_is_initialized(data, size)
/// From here on the bytes count as never written.
#define VITRO_FORGET(data, size) __msan_poison(data, size)
/// Of code that is built without the sanitizer.
#define VITRO_WRITTEN_BY_OTHERS(text) __msan_unpoison_string(text)
#endif
#endif
#ifndef VITRO_CHECK_WRITTEN
#define VITRO_CHECK_WRITTEN(data, size)
#define VITRO_FORGET(data, size)
#define VITRO_WRITTEN_BY_OTHERS(text)
#endif

// SPDX-License-Identifier: Apache-2.0
// Which instructions pictures are made with: those that every CPU of the target has. Builds with
// VITRO_PICTURE_PLAIN, to compare, use none.
#pragma once

#if !defined(VITRO_PICTURE_PLAIN)
#if defined(__SSE2__)
#define VITRO_PICTURE_SSE2
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#define VITRO_PICTURE_NEON
#include <arm_neon.h>
#endif
#endif

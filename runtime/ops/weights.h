// SPDX-License-Identifier: Apache-2.0
// What the verifier has to know of a panel of weights, int8 [k/4][16][4] of 16 channels: twice, for
// machines with vectors of 16 bytes in every build and for those without, where text is dear.
#pragma once

#include <stdint.h>
#include <string.h>

namespace vitro {

struct PanelFacts {
  uint32_t sums[16];  // of each channel's weights + 128: below 2^24 for k up to 32768
  bool has_lowest;    // one of the weights is -128
};

// A flipped sign bit makes weights of -128 and more bytes of 0 and more. Four weights of a channel
// are a word, whose bytes are added in two halves.

inline PanelFacts panel_facts_by_words(const int8_t* panel, uint32_t k) {
  PanelFacts facts = {};
  uint32_t borrows = 0;
  for (int channel = 0; channel < 16; ++channel, panel += 4) {
    const int8_t* at = panel;
    for (uint32_t quads = k / 4; quads > 0; --quads, at += 64) {
      uint32_t word;
      memcpy(&word, at, sizeof word);
      word ^= 0x80808080;
      const uint32_t halves = (word & 0x00ff00ff) + (word >> 8 & 0x00ff00ff);
      facts.sums[channel] += (halves & 0xffff) + (halves >> 16);
      borrows |= (word - 0x01010101) & ~word;  // only a byte of 0 borrows into a clear sign bit
    }
  }
  facts.has_lowest = (borrows & 0x80808080) != 0;
  return facts;
}

#if defined(__SSE2__) || defined(__ARM_NEON)
#define VITRO_PANELS_BY_VECTORS

inline PanelFacts panel_facts_by_vectors(const int8_t* panel, uint32_t k) {
  using Bytes = uint8_t __attribute__((vector_size(16)));
  using Halves = uint16_t __attribute__((vector_size(16)));
  using Words = uint32_t __attribute__((vector_size(16)));
  constexpr uint32_t kMost = 128;  // quads that 16 bits can add up: 2 * 255 each
  Bytes least[4];
  for (Bytes& bytes : least) bytes = Bytes{} - 1;
  Words sums[4] = {};
  for (uint32_t quads = k / 4; quads > 0;) {
    const uint32_t part = quads < kMost ? quads : kMost;
    Halves halves[4] = {};
    for (uint32_t q = 0; q < part; ++q)
      for (int i = 0; i < 4; ++i, panel += 16) {
        Halves two;
        memcpy(&two, panel, sizeof two);
        two ^= 0x8080;
        halves[i] += (two & 0xff) + (two >> 8);
        const Bytes bytes = reinterpret_cast<Bytes>(two);
        least[i] = bytes < least[i] ? bytes : least[i];
      }
    for (int i = 0; i < 4; ++i) {
      const Words both = reinterpret_cast<Words>(halves[i]);
      sums[i] += (both & 0xffff) + (both >> 16);
    }
    quads -= part;
  }
  PanelFacts facts;
  memcpy(facts.sums, sums, sizeof facts.sums);
  facts.has_lowest = false;
  for (int i = 0; i < 64; ++i) facts.has_lowest |= least[i / 16][i % 16] == 0;
  return facts;
}
#endif

inline PanelFacts panel_facts(const int8_t* panel, uint32_t k) {
#if defined(VITRO_PANELS_BY_VECTORS)
  return panel_facts_by_vectors(panel, k);
#else
  return panel_facts_by_words(panel, k);
#endif
}

}  // namespace vitro

// SPDX-License-Identifier: Apache-2.0
// Identity map with the least rights: code executes, constants and the flash image are read, stack,
// .bss and arena are written, devices are devices; nothing else is there, address 0 and the page
// below the stack included. Runs with the MMU off, where memory allows no unaligned access:
// compiled with -mstrict-align.
#include <stddef.h>
#include <stdint.h>

#include "platforms/aarch64_bare/linker.h"

extern "C" void mmu_on();

namespace {

constexpr uint64_t kPage = 4096, kBlock = 2 << 20, kGigabyte = 1 << 30;

// Descriptors: valid, accessed; 2 MiB blocks, or tables and 4 KiB pages.
constexpr uint64_t kBlockEntry = 1 | 1 << 10, kPageEntry = 3 | 1 << 10, kTable = 3;
constexpr uint64_t kNormal = 3 << 8,
                   kDevice = 1 << 2;  // inner shareable and attribute 0; attribute 1
constexpr uint64_t kReadOnly = 1 << 7, kNeverExecuted = uint64_t{3} << 53;
constexpr uint64_t kUserNeverExecutes = uint64_t{1} << 54;

// Attribute 0: normal, write-back; 1: device nGnRE.
constexpr uint64_t kAttributes = 0xff | 0x04 << 8;
// 36 bits of addresses in pages of 4 KiB, walked through the caches; no upper half.
constexpr uint64_t kTranslation =
    (64 - 36) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | uint64_t{1} << 32;
// RES1, MMU, data cache, stack alignment, instruction cache, nothing writable is executed.
// Unaligned access is allowed.
constexpr uint64_t kControl = 0x30d00800 | 1 | 1 << 2 | 1 << 3 | 1 << 12 | 1 << 19;

alignas(kPage) uint64_t level1[512], ram[512], devices[512], code[512], data[512];

uint64_t address(const void* symbol) { return reinterpret_cast<uint64_t>(symbol); }

void map_pages(uint64_t* table, const void* begin, const void* end, uint64_t rights) {
  for (uint64_t at = address(begin); at < address(end); at += kPage)
    table[at % kBlock / kPage] = at | kPageEntry | kNormal | rights;
}

void map_blocks(const void* begin, const void* end, uint64_t rights) {
  for (uint64_t at = address(begin); at < address(end); at += kBlock)
    ram[at % kGigabyte / kBlock] = at | kBlockEntry | kNormal | rights;
}

}  // namespace

void mmu_on() {
  uint64_t* const device_table = VITRO_UART / kGigabyte == VITRO_RAM / kGigabyte ? ram : devices;
  level1[VITRO_RAM / kGigabyte] = address(ram) | kTable;
  level1[VITRO_UART / kGigabyte] = address(device_table) | kTable;

  const uint8_t* const first_block_end = ram_begin + kBlock;
  ram[address(ram_begin) % kGigabyte / kBlock] = address(code) | kTable;
  map_pages(code, code_begin, code_end, kReadOnly | kUserNeverExecutes);
  map_pages(code, code_end, first_block_end, kReadOnly | kNeverExecuted);
  map_blocks(first_block_end, writable_begin, kReadOnly | kNeverExecuted);

  ram[address(writable_begin) % kGigabyte / kBlock] = address(data) | kTable;
  map_pages(data, stack_begin, writable_begin + kBlock, kNeverExecuted);
  map_blocks(writable_begin + kBlock, writable_end, kNeverExecuted);

  constexpr uint64_t device = VITRO_UART / kBlock * kBlock;  // the Pi's GPIO is in it, too
  device_table[device % kGigabyte / kBlock] = device | kBlockEntry | kDevice | kNeverExecuted;

  __asm__ volatile(
      "msr mair_el1, %0\n"
      "msr tcr_el1, %1\n"
      "msr ttbr0_el1, %2\n"
      "dsb sy\n"
      "tlbi vmalle1\n"
      "ic iallu\n"
      "dsb sy\n"
      "isb\n"
      "msr sctlr_el1, %3\n"
      "isb\n" ::"r"(kAttributes),
      "r"(kTranslation), "r"(level1), "r"(kControl)
      : "memory");
}

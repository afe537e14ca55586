// SPDX-License-Identifier: Apache-2.0
// Identity map with the least rights: code executes, constants and the flash image are read, stack,
// .bss and arena are written, devices are devices; nothing else is there, address 0 and the page
// below the stack included. Runs with the MMU off, where memory allows no unaligned access:
// compiled with -mstrict-align. start.S turns the MMU on.
#include <stddef.h>
#include <stdint.h>

#include "platforms/aarch64_bare/core_stacks.h"
#include "platforms/aarch64_bare/linker.h"

extern "C" {
/// Writes the page tables, once, on the first core.
void mmu_tables();
/// For MAIR_EL1, TCR_EL1, TTBR0_EL1 and SCTLR_EL1 of each core.
struct MmuRegisters {
  uint64_t attributes, translation;
  const uint64_t* tables;
  uint64_t control;
};
extern const MmuRegisters mmu_registers;
}

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

const MmuRegisters mmu_registers = {kAttributes, kTranslation, level1, kControl};

void mmu_tables() {
  uint64_t* const device_table = VITRO_UART / kGigabyte == VITRO_RAM / kGigabyte ? ram : devices;
  level1[VITRO_RAM / kGigabyte] = address(ram) | kTable;
  level1[VITRO_UART / kGigabyte] = address(device_table) | kTable;

  const uint8_t* const first_block_end = ram_begin + kBlock;
  ram[address(ram_begin) % kGigabyte / kBlock] = address(code) | kTable;
  map_pages(code, code_begin, code_end, kReadOnly | kUserNeverExecutes);
  map_pages(code, code_end, first_block_end, kReadOnly | kNeverExecuted);
  map_blocks(first_block_end, writable_begin, kReadOnly | kNeverExecuted);

  ram[address(writable_begin) % kGigabyte / kBlock] = address(data) | kTable;
  static_assert(CORE_GUARD_BYTES % kPage == 0 && CORE_STACK_STRIDE % kPage == 0);
  for (const uint8_t* part = core_stacks_begin; part < core_stacks_end; part += CORE_STACK_STRIDE)
    map_pages(data, part + CORE_GUARD_BYTES, part + CORE_STACK_STRIDE, kNeverExecuted);
  map_pages(data, stack_begin, writable_begin + kBlock, kNeverExecuted);
  map_blocks(writable_begin + kBlock, writable_end, kNeverExecuted);

  constexpr uint64_t device = VITRO_UART / kBlock * kBlock;  // the Pi's GPIO is in it, too
  device_table[device % kGigabyte / kBlock] = device | kBlockEntry | kDevice | kNeverExecuted;
}

// SPDX-License-Identifier: Apache-2.0
// An application that commits faults. The first byte of the flash image chooses one; each ends in
// the board's exception handler, most of them because the MMU forbids the access.
#include "platforms/firmware/application.h"

#include "platforms/aarch64_bare/linker.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"

namespace vitro {

namespace {

volatile bool never;  // the compiler must assume that the recursion may end
uint8_t* volatile nowhere;

int overflow_stack(int depth) {
  volatile char frame[1024];
  frame[depth & 1023] = 1;
  return never ? 0 : overflow_stack(depth + 1) + frame[depth & 1023];
}

// On the third core. The others wait.
void overflow_elsewhere(void*, size_t) {
  uint64_t id;
  __asm__("mrs %0, mpidr_el1" : "=r"(id));
  if ((id & 0xff) == 2) overflow_stack(0);
  while (!never) {
  }
}

}  // namespace

void run_application() {
  const board::Flash flash = board::flash();
  volatile uint8_t* address = nowhere;
  switch (flash.data[0]) {
    case 'n': address[0x100] = 1; break;                     // writes through a null pointer
    case 'c': address = code_begin, address[64] = 1; break;  // writes code
    case 'f': address = image_end, address[0] = 1; break;    // writes the flash image
    case 'x': reinterpret_cast<void (*)()>(board::arena().data)(); break;  // executes the arena
    case 'r': reinterpret_cast<void (*)()>(image_end)(); break;  // executes the flash image
    case 'u': __asm__ volatile("udf #1"); break;                 // an undefined instruction
    case 's': overflow_stack(0); break;
    case 'o':
      print("lowest ");
      print_hex(reinterpret_cast<uint64_t>(board::stack(2).data));
      print("\n");
      board::cores().parallel_for(nullptr, overflow_elsewhere, nullptr, board::cores().count);
      break;
    case 'm': address = writable_end, address[0] = 1; break;  // beyond the memory
  }
  print("nothing happened\n");
  board::stop(kDone);
}

}  // namespace vitro

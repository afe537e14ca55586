// SPDX-License-Identifier: Apache-2.0
// Start-up: the loader leaves the CPU at EL3, EL2 or EL1 with the MMU off. The first core goes to board_main() at EL1, with
// floating point, a stack, cleared .bss, MMU and caches; each other one, when it is woken, to core_main(), likewise.

#include "platforms/aarch64_bare/core_stacks.h"

    .section .text.start, "ax"
    .global _start
_start:
    b       enter
    .ascii  "VTFW"                  // by this, 'vitro emit --kernel' recognises a code image
    .word   image_bytes

    .global enter
enter:
    mrs     x0, mpidr_el1
    and     x20, x0, #0xff          // affinity 0: which core this is
    tst     x0, #0xffff00           // affinity 1 and 2: of another cluster
    b.ne    park
    cmp     x20, #CORES
    b.hs    park

    mrs     x0, CurrentEL
    lsr     x19, x0, #2             // for board_main: the level at which we were entered
    cmp     x19, #2
    b.lo    at_el1
    b.eq    at_el2
    cbnz    x20, park               // nobody has woken this core: it came from reset, with the first one

    // EL3: on to EL2 where the CPU has it, else to EL1; non-secure, 64-bit.
    msr     cptr_el3, xzr
    mrs     x0, id_aa64pfr0_el1
    tst     x0, #0xf00
    mov     x0, #0x5b1              // RW, HCE, SMD, NS, RES1
    mov     x1, #0x3c9              // EL2h, all masked
    adr     x2, at_el2
    b.ne    leave_el3
    mov     x1, #0x3c5              // EL1h
    adr     x2, at_el1
leave_el3:
    msr     scr_el3, x0
    msr     spsr_el3, x1
    msr     elr_el3, x2
    eret

at_el2:
    mov     x0, #(1 << 31)          // EL1 is 64-bit, and nothing in it traps
    msr     hcr_el2, x0
    mov     x0, #0x33ff             // floating point does not trap
    msr     cptr_el2, x0
    mov     x0, #3                  // nor do the counters
    msr     cnthctl_el2, x0
    msr     cntvoff_el2, xzr
    mrs     x0, midr_el1            // which CPU this is, as EL1 will read it
    msr     vpidr_el2, x0
    mrs     x0, mpidr_el1
    msr     vmpidr_el2, x0
    ldr     x0, =0x30d00800         // SCTLR_EL1: only its RES1 bits
    msr     sctlr_el1, x0
    mov     x0, #0x3c5
    msr     spsr_el2, x0
    adr     x0, at_el1
    msr     elr_el2, x0
    eret

at_el1:
    msr     daifset, #15
    mov     x0, #(3 << 20)          // floating point and SIMD
    msr     cpacr_el1, x0
    ldr     x0, =vectors
    msr     vbar_el1, x0
    isb
    cbnz    x20, other_core
    ldr     x0, =stack_end
    mov     sp, x0
    ldr     x0, =bss_begin
    ldr     x1, =bss_end
clear:
    cmp     x0, x1
    b.hs    cleared
    stp     xzr, xzr, [x0], #16
    b       clear
cleared:
    bl      mmu_tables
#ifdef VITRO_SPIN_TABLE
    // The Raspberry Pi's other cores wait, with their caches off, for an address in these words of the firmware's spin
    // table. They are written while the caches are off here, too: so they, and the page tables, are in memory.
    adr     x0, enter
    mov     x1, #VITRO_SPIN_TABLE
    stp     x0, x0, [x1]
    str     x0, [x1, #16]
    dsb     sy
    sev
#endif
    bl      mmu_on
    mov     x0, x19
    bl      board_main              // does not return

    // The caches of the others may hold what the first core has fetched of this stack, so it is not used before the MMU
    // and the caches are on.
other_core:
    bl      mmu_on
    ldr     x0, =core_stacks_begin
    mov     x1, #CORE_STACK_STRIDE
    madd    x0, x20, x1, x0         // behind the part of core x20, which is the one before: core 1 has the first
    sub     x0, x0, #EXCEPTION_STACK_BYTES
    mov     sp, x0
    mov     x0, x20
    bl      core_main               // does not return

    // Each core has these registers and TLBs of its own. It reads the image alone, which nobody writes, and page tables
    // that were written with the caches off: memory has both.
mmu_on:
    ldr     x0, =mmu_registers
    ldp     x1, x2, [x0]
    ldp     x3, x4, [x0, #16]
    msr     mair_el1, x1
    msr     tcr_el1, x2
    msr     ttbr0_el1, x3
    dsb     sy
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    msr     sctlr_el1, x4
    isb
    ret

park:
    msr     daifset, #15
sleep:
    wfi
    b       sleep

    // Every exception is a fault. It gets a stack of its own, because the application's may have overflowed.
    .balign 2048
vectors:
    .rept   16
    b       exception
    .balign 128
    .endr
exception:
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    ldr     x3, =exception_stack_end
    mrs     x4, mpidr_el1
    ands    x4, x4, #0xff
    b.eq    on_exception_stack
    ldr     x3, =core_stacks_begin
    mov     x5, #CORE_STACK_STRIDE
    madd    x3, x4, x5, x3
on_exception_stack:
    mov     sp, x3
    bl      board_exception         // does not return

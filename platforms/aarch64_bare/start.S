// SPDX-License-Identifier: Apache-2.0
// Start-up: the loader leaves the CPU at EL3, EL2 or EL1 with the MMU off. This goes to board_main() at EL1, with floating
// point, a stack, cleared .bss, MMU and caches.

    .section .text.start, "ax"
    .global _start
_start:
    b       enter
    .ascii  "VTFW"                  // by this, 'vitro emit --kernel' recognises a code image
    .word   image_bytes

enter:
    mrs     x0, mpidr_el1
    tst     x0, #0xffffff           // affinity 0 .. 2: all zero only on the first core
    b.ne    park

    mrs     x0, CurrentEL
    lsr     x19, x0, #2             // for board_main: the level at which we were entered
    cmp     x19, #2
    b.lo    at_el1
    b.eq    at_el2

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
#ifdef VITRO_SPIN_TABLE
    // The Raspberry Pi's other cores poll these words of the firmware's spin table. Here they are sent to WFI, where they
    // cost nothing.
    adr     x0, park
    mov     x1, #VITRO_SPIN_TABLE
    stp     x0, x0, [x1]
    str     x0, [x1, #16]
    dsb     sy
    sev
#endif
    bl      mmu_on
    mov     x0, x19
    bl      board_main              // does not return

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
    mov     sp, x3
    bl      board_exception         // does not return

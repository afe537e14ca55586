/* SPDX-License-Identifier: Apache-2.0 */
/* The least that a Cortex-M needs to reach main(), and semihosting for QEMU. No C library's
 * start-up code. */
extern char stack_top[], bss_start[], bss_end[];
int main(void);
void print(const char* text);
void start(void);
void reset(void);
void fault(void);

static void semihost(int operation, const void* parameter) {
  register int r0 __asm__("r0") = operation;
  register const void* r1 __asm__("r1") = parameter;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void print(const char* text) { semihost(4, text); }

__attribute__((noreturn)) static void stop(int code) {
  const unsigned block[2] = {0x20026, (unsigned)code}; /* ADP_Stopped_ApplicationExit */
  semihost(0x20, block);
  for (;;) {
  }
}

void start(void) {
  for (char* at = bss_start; at != bss_end; ++at) *at = 0;
  stop(main());
}

/* The FPU and Helium, where there are any, before compiled code may use them. */
__attribute__((naked)) void reset(void) {
  __asm__ volatile(
      "ldr r0, =0xe000ed88\n"
      "ldr r1, [r0]\n"
      "ldr r2, =0xf00000\n"
      "orrs r1, r1, r2\n"
      "str r1, [r0]\n"
      "dsb\n"
      "isb\n"
      "ldr r0, =start\n"
      "bx r0\n");
}

void fault(void) {
  print("an exception of the CPU\n");
  stop(99);
}

__attribute__((section(".vectors"), used)) static const void* const vectors[] = {
    stack_top,          (const void*)reset, (const void*)fault, (const void*)fault,
    (const void*)fault, (const void*)fault, (const void*)fault};

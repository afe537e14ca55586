/* SPDX-License-Identifier: Apache-2.0 */
/* How a program under QEMU tells blocks.c what it does from now on: it closes file kMarkBase +
 * mark, which cannot be open. 0: nothing that counts. */
#pragma once

enum { kMarkBase = 0x60000000, kMarks = 1 << 20 };
enum { kCloseAarch64 = 57, kCloseArm = 6 }; /* numbers of the system call */

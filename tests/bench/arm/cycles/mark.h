/* SPDX-License-Identifier: Apache-2.0 */
/* Marks, by which a program under QEMU tells blocks.c what it does from now on: it closes the file
 * number kMarkBase + mark, which cannot be open. A program without system calls writes to byte
 * `mark` of an array of kMarkerBytes, to byte 0 first. Under mark 0, nothing is counted. */
#pragma once

enum { kMarkBase = 0x60000000, kMarks = 1 << 20 };
enum { kCloseAarch64 = 57, kCloseArm = 6 }; /* numbers of the system call "close" */
enum { kMarkerBytes = 4096 };

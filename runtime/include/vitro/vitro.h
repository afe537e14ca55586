/* SPDX-License-Identifier: Apache-2.0 */
/* The C interface of the vitro runtime: verify a program, bind it into an arena, run it. It never
 * allocates memory. */
#ifndef VITRO_VITRO_H_
#define VITRO_VITRO_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VITRO_VERSION_STRING "0.1.0"

/** The arena and the memory of a program must both start at a multiple of this many bytes. */
#define VITRO_ALIGNMENT 64

typedef enum vitro_status {
  VITRO_OK = 0,
  VITRO_BAD_ARGUMENT = 1,       /**< a null pointer, zero threads, threads without a parallel_for */
  VITRO_NOT_A_PROGRAM = 2,      /**< no "VTRO" identifier */
  VITRO_UNSUPPORTED = 3,        /**< a newer version, op or format than this runtime knows, or more
                                   of something than it accepts */
  VITRO_CORRUPT = 4,            /**< truncated or inconsistent; vitro_program.fault says what */
  VITRO_PROGRAM_MISALIGNED = 5, /**< the program is not at a multiple of VITRO_ALIGNMENT */
  VITRO_ARENA_MISALIGNED = 6,   /**< the arena is not at a multiple of VITRO_ALIGNMENT */
  VITRO_ARENA_TOO_SMALL = 7,    /**< fewer bytes than vitro_arena_bytes() */
  VITRO_ISA_UNAVAILABLE =
      8, /**< unknown kernel variant, or one that this CPU or build does not have */
  VITRO_GOLDEN_MISMATCH = 9,  /**< this machine computes other outputs than the converter did */
  VITRO_NO_DIGEST = 10,       /**< an older program, which has no digest of its bytes */
  VITRO_DIGEST_MISMATCH = 11, /**< the program's bytes are not those that were written */
  /* vitro_signed.h */
  VITRO_UNSIGNED = 12,           /**< no trailer after the program */
  VITRO_OTHER_KEY = 13,          /**< signed with another key than the caller's */
  VITRO_SIGNATURE_MISMATCH = 14, /**< the program or the trailer is not what was signed */
  VITRO_ROLLED_BACK = 15,        /**< signed, but with a lower counter than the caller accepts */
  /* of runs */
  VITRO_NO_GOLDEN = 16, /**< nothing to test with: the program has no golden vectors */
  VITRO_STOPPED = 17,   /**< vitro_config.stop ended the run */
  /* vitro_picture.h */
  VITRO_BAD_PICTURE = 18, /**< a frame or preprocessing that cannot be; vitro_picture_info.fault
                             says why */
  VITRO_WORKSPACE_MISALIGNED = 19, /**< the workspace is not at a multiple of VITRO_ALIGNMENT */
  VITRO_WORKSPACE_TOO_SMALL = 20,  /**< fewer bytes than vitro_picture_info.workspace_bytes or
                                      vitro_threads_bytes() */
  /* vitro_threads.h */
  VITRO_THREADS_REFUSED = 21, /**< the system has no threads of that priority, stack or processor */
  /* vitro_bind_memories(): vitro_memories.fault says which */
  VITRO_MEMORY_MISALIGNED = 22, /**< a memory is not at a multiple of VITRO_ALIGNMENT */
  VITRO_MEMORY_TOO_SMALL = 23,  /**< fewer bytes than vitro_memory_bytes() says */
  VITRO_MEMORIES_OVERLAP = 24   /**< two memories have bytes in common */
} vitro_status;

/** A short English sentence without a full stop. Never null. */
const char* vitro_status_text(vitro_status status);

/** A verified program. Plain data; the memory it points to must outlive it and stay unchanged. */
typedef struct vitro_program {
  const void* data;
  size_t size;
  const char* fault; /**< after VITRO_CORRUPT or VITRO_UNSUPPORTED: what is wrong, static text;
                        otherwise null */
} vitro_program;

/** Verifies `size` bytes at `data` completely: structure, bounds, shapes, constants. After that,
 * nothing can fail because of the program, as long as these bytes do not change: every call reads
 * them again. They must lie in memory that only the caller can change, or in flash that is not
 * written meanwhile. A mapped file is neither: anyone who writes to it, or cuts it short, changes
 * what was verified (read it instead, or map a sealed memfd). */
vitro_status vitro_open(const void* data, size_t size, vitro_program* program);

/** Whether every byte of an open program is as the converter wrote it: VITRO_OK when the SHA-256
 * that the program contains is that of its `size` bytes, VITRO_DIGEST_MISMATCH when it is not,
 * VITRO_NO_DIGEST when the program contains none. This detects damage, not attacks: anyone who
 * changes a program can make a new digest. vitro_signed.h is against attacks. */
vitro_status vitro_program_check(const vitro_program* program);

/** A sum over `bytes` bytes of an open program from `offset` on, or up to its end where that comes
 * first: the same number on every machine, at the speed of memory, for noticing between runs that
 * memory has changed. Take it after vitro_program_check() and keep it. Two programs that differ in
 * one aligned word of four bytes alone never have the same sum. Against damage, not against people.
 * 0 of a program that is not open. */
uint64_t vitro_program_sum(const vitro_program* program, size_t offset, size_t bytes);

/** Calls task(context, i) once for each i < count, on any threads, in any order, and returns when
 * all are done. A task works as long as there is work that no other has begun, so one that comes
 * late, or after all others, finds nothing to do. */
typedef void (*vitro_parallel_for)(void* pool, void (*task)(void* context, size_t i), void* context,
                                   size_t count);

/** Called before each step of a run, by the thread that runs it. A result other than 0 ends the run
 * there. To let another thread or an interrupt decide, return an atomic flag that it sets. */
typedef int (*vitro_stop)(void* context);

/** For profilers. Called before op `op` of step `step` runs on a tile, and after the step's last
 * op, with `op` equal to the number of ops. All threads call it, several at the same time. */
typedef void (*vitro_trace)(void* context, size_t step, size_t op);

/** A tile of a static linear: op `op` of step `step` of the program, both counted from 0. */
typedef struct vitro_linear_call {
  size_t step, op;
  size_t thread; /**< below vitro_config's threads. A thread makes one call after the other;
                    different threads call at the same time */
  size_t rows;
  const int8_t* src; /**< rows x depth, row by row */
  int8_t* dst; /**< rows x outputs, row by row. Null where the runtime still has to rearrange the
                  outputs: then use memory of your own */
} vitro_linear_call;

/** Computes a tile of a static linear (Linear in program.fbs with an S8 source) instead of the
 * runtime; program.fbs and core/arithmetic.md define it. Any order of sums and scaling gives the
 * bytes of the runtime's kernels: static programs are made, and verified, to be exact. Returns
 * where the outputs are, which is `dst` unless that is null, and keeps them until the same thread
 * calls again. Or returns null, and the runtime's kernels compute this tile. */
typedef const int8_t* (*vitro_static_linear)(void* context, const vitro_linear_call* call);

/** How to run. Zero-initialise it for one thread and the best kernels of this CPU. */
typedef struct vitro_config {
  size_t threads;                  /**< 0 counts as 1; more need parallel_for */
  vitro_parallel_for parallel_for; /**< null for one thread */
  void* pool;                      /**< passed to parallel_for */
  vitro_trace trace;               /**< null: none */
  void* trace_context;
  const char* isa; /**< null: the best; otherwise a name that vitro_isa_name() gives */
  vitro_static_linear static_linear; /**< null: the runtime's kernels */
  void* static_linear_context;
  vitro_stop stop; /**< null: no run ends early */
  void* stop_context;
} vitro_config;

/** The largest number of threads in a vitro_config. */
#define VITRO_MAX_THREADS 1024

/** The exact number of bytes that vitro_bind() needs for this program and number of threads (0
 * counts as 1). 0 if the program is not open, and for more than VITRO_MAX_THREADS threads. */
size_t vitro_arena_bytes(const vitro_program* program, size_t threads);

/** The exact cost of a run, the same for every picture, kernel variant and machine. */
typedef struct vitro_work_info {
  uint64_t macs;  /**< multiply-accumulates of linear layers and attention */
  uint64_t bytes; /**< bytes of tensors and constants that ops read and write on one thread: rows
                     once; constants, and the keys and values of a group, once for each tile */
  uint64_t calls; /**< calls of ops on one thread, each on a tile of rows */
} vitro_work_info;

/** The work of a run, so that a device can refuse, before it binds, a program that it cannot
 * afford. VITRO_BAD_ARGUMENT for a null pointer or a program that is not open. */
vitro_status vitro_work(const vitro_program* program, vitro_work_info* work);
/** The work of op `op` of step `step`, both from 0. VITRO_BAD_ARGUMENT also past the end. */
vitro_status vitro_op_work(const vitro_program* program, size_t step, size_t op,
                           vitro_work_info* work);

typedef struct vitro_session vitro_session;

/** Binds a program into the caller's arena. The arena contains all state, so the session ends when
 * the arena is reused. Only one caller may use a session at a time. */
vitro_status vitro_bind(const vitro_program* program, const vitro_config* config, void* arena,
                        size_t arena_bytes, vitro_session** session);

/** A memory of the caller's. */
typedef struct vitro_memory {
  void* data; /**< at a multiple of VITRO_ALIGNMENT */
  size_t bytes;
} vitro_memory;

/** What an arena consists of, each in a memory of its own: tightly coupled memory for what is used
 * most, the large rest elsewhere. Together at least as much as the arena, where scratch also lies
 * in the place of activations that are no longer needed. */
typedef struct vitro_memories {
  vitro_memory session; /**< the bound steps and ops: written once, then read for each tile of rows
                           and summed by vitro_session_sum() */
  vitro_memory activations; /**< the picture, what a step leaves to later ones, and the outputs:
                               each byte written and read a few times in a run */
  vitro_memory scratch;     /**< what the ops of a step hand to each other, thread after thread: the
                               most used. Nothing remains there from step to step */
  const char* fault; /**< after VITRO_MEMORY_MISALIGNED, _TOO_SMALL and VITRO_MEMORIES_OVERLAP
                        which: static text; otherwise null */
} vitro_memories;

/** The exact `bytes` of each of the memories for this program and number of threads (0 counts as
 * 1); all else becomes null. VITRO_BAD_ARGUMENT as for vitro_arena_bytes(), VITRO_UNSUPPORTED where
 * one exceeds size_t. */
vitro_status vitro_memory_bytes(const vitro_program* program, size_t threads,
                                vitro_memories* memories);

/** As vitro_bind(), into several memories instead of one. The session ends when any of them is
 * reused. A memory of which no bytes are needed may be null. */
vitro_status vitro_bind_memories(const vitro_program* program, const vitro_config* config,
                                 vitro_memories* memories, vitro_session** session);

/** Where the picture goes before each run: vitro_image_height() x vitro_image_width() x 3 uint8,
 * RGB, row by row. A run overwrites it. */
uint8_t* vitro_input(vitro_session* session, size_t* bytes);

/** Runs the program on the picture in vitro_input(). Returns the values of the first output, which
 * are valid until the next run; for a classifier they are the logits, float32[classes]. Returns
 * null if vitro_config.stop ended the run, and only then. */
const float* vitro_run(vitro_session* session);

/** The values of output `index` from the latest run, row by row, rows x cols as vitro_output()
 * says. They are valid until the next run. Null past the end. */
const float* vitro_output_values(const vitro_session* session, size_t index);

/** Runs every golden vector of the program. VITRO_OK when there are some and each output is equal
 * to the bit, otherwise VITRO_NO_GOLDEN, VITRO_GOLDEN_MISMATCH or VITRO_STOPPED. */
vitro_status vitro_self_test(vitro_session* session);

/** Such a sum over what vitro_bind() wrote into the arena for itself: addresses and numbers, which
 * no run changes. program: what the session was bound to; compare its own sum first, since it says
 * how far this one goes. */
uint64_t vitro_session_sum(const vitro_session* session, const vitro_program* program);

/** Runs only step `index`, for profilers and per-layer reports. Steps 0 .. vitro_step_count()-1 in
 * order are one run. VITRO_BAD_ARGUMENT past the end. Does not call vitro_config.stop. */
vitro_status vitro_run_step(vitro_session* session, size_t index);
size_t vitro_step_count(const vitro_session* session);

/** The name of the kernel variant that the session runs ("reference", "avx2", ...). */
const char* vitro_session_isa(const vitro_session* session);

/** Kernel variants that this build has and this CPU runs: the best first, "reference" last; null
 * past the end. */
const char* vitro_isa_name(size_t index);

/* What a program says about itself; 0 or null if it is not open. Strings point into the program.
 */

/** Pixels of the picture that vitro_input() takes. */
size_t vitro_image_width(const vitro_program* program);
size_t vitro_image_height(const vitro_program* program);
/** The side of a square picture; 0 where it is not square. */
size_t vitro_image_size(const vitro_program* program);

typedef enum vitro_output_kind {
  VITRO_OUTPUT_LOGITS = 0,   /**< one column for each class */
  VITRO_OUTPUT_FEATURES = 1, /**< an embedding: one row for the picture, or one for each patch */
  VITRO_OUTPUT_MAP = 2,      /**< one value for each pixel or patch; rows x cols of them */
  VITRO_OUTPUT_LABELS = 3,   /**< one column for each class, one row for each pixel or object */
  VITRO_OUTPUT_BOXES = 4     /**< one row for each object */
} vitro_output_kind;

/** An output of a run: rows x cols values of float32, row by row. */
typedef struct vitro_output_info {
  const char* name; /**< no other output has it; "logits" where the program gives no name */
  vitro_output_kind kind;
  size_t rows, cols;
} vitro_output_info;

/** How many outputs a run has; at least 1. */
size_t vitro_output_count(const vitro_program* program);
/** Describes output `index`; vitro_run() returns the values of the first, 0. VITRO_BAD_ARGUMENT
 * past the end. */
vitro_status vitro_output(const vitro_program* program, size_t index, vitro_output_info* output);

/** The columns of the logits, which are always the first output; 0 if there are no logits. */
size_t vitro_class_count(const vitro_program* program);
/** The name of class `index`. Null when the program has no labels or `index` is past the end. */
const char* vitro_label(const vitro_program* program, size_t index);

/** One of the likeliest classes. */
typedef struct vitro_answer {
  size_t index; /**< of the class */
  float logit;
  float probability; /**< softmax over all classes */
  const char* label; /**< null where the program has none */
} vitro_answer;

/** The `count` likeliest classes of what vitro_run() returned, the likeliest first, equal ones by
 * their index. Returns how many there are: fewer than `count` where the program has fewer classes,
 * 0 if it has no logits, or for a null pointer (a run that was stopped). Each step is rounded once
 * in a given order, so probabilities are the same on every machine. */
size_t vitro_top(const vitro_program* program, const float* logits, vitro_answer* answers,
                 size_t count);

#ifdef __cplusplus
}
#endif

#endif /* VITRO_VITRO_H_ */

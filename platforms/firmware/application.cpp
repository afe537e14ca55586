// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/application.h"

#include <string.h>

#include "platforms/firmware/answer.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"
#include "platforms/firmware/divide.h"
#include "platforms/firmware/flash_image.h"
#include "platforms/firmware/picture_frame.h"
#include "platforms/firmware/signature.h"
#include "platforms/firmware/stack.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

void print_fact(const char* key, uint64_t value) {
  print(key);
  print(" ");
  print(value);
  print("\n");
}

void print_used(uint64_t bytes, uint64_t available) {
  print(bytes);
  print(" of ");
  print(available);
  print("\n");
}

void print_ticks(uint64_t ticks) {
  print("ticks ");
  print(ticks);
  print(" milliseconds ");
  uint64_t rest;
  print_fraction(divide(ticks * 1000000, board::ticks_per_second(), rest), 3);
}

ExitCode refuse(ExitCode code, const char* sentence, const char* more = nullptr) {
  print("error: ");
  print(sentence);
  if (more) {
    print(": ");
    print(more);
  }
  print("\n");
  return code;
}

void refuse_picture(const char* name, const char* sentence) {
  print("refused: ");
  print_name(*name ? name : "(a picture without a name)");
  print(": ");
  print(sentence);
  print("\n");
}

void run_picture(const vitro_program& program, vitro_session* session, const char* name) {
  const uint64_t start = board::ticks();
  vitro_run(session);
  const uint64_t ticks = board::ticks() - start;
  print("picture ");
  print_name(name);
  print("\n");
  print_answer(program, session, name);
  print_ticks(ticks);
  print(" ");
  print_name(name);
  print("\n");
}

struct Count {
  uint64_t named = 0, refused = 0;
};

void run_flash_pictures(const FlashImage& image, const vitro_program& program,
                        vitro_session* session, Count& count) {
  size_t bytes = 0;
  vitro_input(session, &bytes);
  for (uint32_t i = 0; i < image.picture_count; ++i) {
    const FlashPicture picture = flash_picture(image, i);
    const bool fits = image.picture_width == vitro_image_width(&program) &&
                      image.picture_height == vitro_image_height(&program);
    if (!fits || !picture.intact) {
      refuse_picture(picture.name, fits ? "the checksum is wrong: damaged in the flash image"
                                        : "not of the program's picture size");
      ++count.refused;
      continue;
    }
    memcpy(vitro_input(session, nullptr), picture.pixels, bytes);
    run_picture(program, session, picture.name);
    ++count.named;
  }
}

void run_received_pictures(const vitro_program& program, vitro_session* session, Count& count) {
  while (true) {
    size_t bytes = 0;
    uint8_t* const input = vitro_input(session, &bytes);
    print_fact("ready", bytes);
    Frame frame;
    const Received received = receive_picture(input, bytes, frame);
    if (received == Received::end) return;
    if (received == Received::refused) {
      refuse_picture(frame.name, frame.fault);
      ++count.refused;
      continue;
    }
    run_picture(program, session, frame.name);
    ++count.named;
  }
}

// Before anything of the program is interpreted.
vitro_status check_signature(const FlashImage& image, vitro_signed_program& accepted) {
  const uint64_t start = board::ticks();
  const vitro_status status = accept_program(image.program, image.program_bytes, accepted);
  if (status == VITRO_OK && accepted.size < image.program_bytes) {
    print(kSignatureVerified ? "signature verified counter " : "signature not verified counter ");
    print(accepted.counter);
    print(" ");
    print_ticks(board::ticks() - start);
    print("\n");
  }
  return status;
}

// Whether the program is whole, which one of before cannot say.
vitro_status check_digest(const vitro_program& program) {
  const uint64_t start = board::ticks();
  const vitro_status whole = vitro_program_check(&program);
  if (whole == VITRO_OK) {
    print("digest ok ");
    print_ticks(board::ticks() - start);
    print("\n");
  } else if (whole == VITRO_NO_DIGEST) {
    print("digest none: nothing tells whether this program is whole\n");
    return VITRO_OK;
  }
  return whole;
}

ExitCode run_flash_image(const FlashImage& image) {
  print_fact("program_bytes", image.program_bytes);
  vitro_signed_program accepted;
  if (const vitro_status refused = check_signature(image, accepted))
    return refuse(kSignatureRefused, vitro_status_text(refused));
  vitro_program program;
  const uint64_t start = board::ticks();
  const vitro_status opened = vitro_open(image.program, accepted.size, &program);
  if (opened != VITRO_OK) return refuse(kProgramRefused, vitro_status_text(opened), program.fault);
  print("verified ");
  print_ticks(board::ticks() - start);
  print("\n");
  if (const vitro_status damaged = kSignatureVerified ? VITRO_OK : check_digest(program))
    return refuse(kProgramRefused, vitro_status_text(damaged));
  print_fact("classes", vitro_class_count(&program));
  print_fact("outputs", vitro_output_count(&program));
  print_fact("image_width", vitro_image_width(&program));
  print_fact("image_height", vitro_image_height(&program));

  const board::Memory arena = board::arena();
  const board::Cores cores = board::cores();
  vitro_config config{};
  config.threads = cores.count;
  config.parallel_for = cores.parallel_for;
  print_fact("cores", cores.count);
  print("arena_bytes ");
  print_used(vitro_arena_bytes(&program, cores.count), arena.bytes);
  vitro_session* session = nullptr;
  const vitro_status bound = vitro_bind(&program, &config, arena.data, arena.bytes, &session);
  if (bound != VITRO_OK)
    return refuse(bound == VITRO_ARENA_TOO_SMALL    ? kArenaTooSmall
                  : bound == VITRO_ARENA_MISALIGNED ? kArenaMisaligned
                                                    : kProgramRefused,
                  vitro_status_text(bound));
  print("kernels ");
  print(vitro_session_isa(session));
  print("\n");

  const vitro_status tested = vitro_self_test(session);
  if (tested == VITRO_OK)
    print_fact("golden ok", schema::GetProgram(program.data)->golden()->size());
  else if (tested == VITRO_NO_GOLDEN)
    print("golden none: this program cannot prove itself\n");
  else
    return refuse(kGoldenMismatch, vitro_status_text(tested));

  Count count;
  run_flash_pictures(image, program, session, count);
  if (!image.stop) run_received_pictures(program, session, count);
  print_fact("pictures", count.named);
  print_fact("pictures_refused", count.refused);
  return count.refused > 0 ? kPictureRefused : kDone;
}

ExitCode run() {
  print("vitro " VITRO_VERSION_STRING " on ");
  print(board::name());
  print("\n");
  const board::Flash flash = board::flash();
  FlashImage image;
  const FlashStatus status = open_flash_image(flash.data, flash.bytes, image);
  if (status != FlashStatus::sound)
    return refuse(status == FlashStatus::absent ? kNoFlashImage : kFlashImageDamaged, image.fault,
                  "write one with 'vitro emit --flash-image'");
  return run_flash_image(image);
}

}  // namespace

void run_application() {
  paint_stack(board::stack(0));
  const ExitCode code = run();
  for (size_t core = 0; core < board::cores().count; ++core) {
    const board::Memory stack = board::stack(core);
    print(core == 0 ? "stack_bytes " : "core_stack_bytes ");
    print_used(used_stack(stack), stack.bytes);
  }
  print_fact("exit_code", code);
  board::stop(code);
}

}  // namespace vitro

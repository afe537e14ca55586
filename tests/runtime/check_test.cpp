// SPDX-License-Identifier: Apache-2.0
// vitro_program_check: it notices every change of a byte of a program.
#include <gtest/gtest.h>

#include <cstring>

#include "converter/convert.h"
#include "converter/emit/seal.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/small_program.h"

namespace vitro {

using namespace converter;

namespace {

// A program of 10 KB, so that every bit of it can be tried.
schema::ProgramT tiny_program() {
  RandomVit vit;
  vit.dim = vit.hidden = 16, vit.depth = 1, vit.heads = 2, vit.patch = 4, vit.image = 12;
  vit.classes = 3;
  const Checkpoint checkpoint = make_checkpoint(vit);
  vit::VitOptions options;
  options.heads = vit.heads;
  ConvertOptions convert_options;
  convert_options.labels = {"one", "two", "three"};
  const Pictures pictures(2, std::vector<uint8_t>(12 * 12 * 3, 100));
  return unpack(
      convert(checkpoint, vit::build_vit(checkpoint, options), pictures, convert_options, {}).file);
}

AlignedBytes sealed(schema::ProgramT program) {
  add_digest(program);
  AlignedBytes file = pack(program);
  seal(file.data(), file.size());
  return file;
}

const AlignedBytes& tiny_file() {
  static const AlignedBytes file = sealed(tiny_program());
  return file;
}

vitro_status check(const AlignedBytes& file) {
  vitro_program program;
  const vitro_status opened = vitro_open(file.data(), file.size(), &program);
  return opened == VITRO_OK ? vitro_program_check(&program) : opened;
}

// Whether vitro_open refuses the file, or its digest does not match. VITRO_NO_DIGEST does not
// count: an older program may give that.
bool noticed(const AlignedBytes& file) {
  const vitro_status status = check(file);
  return status == VITRO_DIGEST_MISMATCH || status == VITRO_CORRUPT ||
         status == VITRO_UNSUPPORTED || status == VITRO_NOT_A_PROGRAM;
}

TEST(Check, WholeProgramsAndThoseOfBefore) {
  EXPECT_EQ(check(tiny_file()), VITRO_OK);
  for (const Small model : kAllSmall)
    EXPECT_EQ(check(sealed(unpack(small_program(model)))), VITRO_OK) << name_of(model);
  schema::ProgramT before = tiny_program();
  before.digest.reset();
  before.provenance->digest = false;
  EXPECT_EQ(check(pack(before)), VITRO_NO_DIGEST);
  before.provenance.reset();
  EXPECT_EQ(check(pack(before)), VITRO_NO_DIGEST);
  EXPECT_EQ(check(sealed(std::move(before))), VITRO_OK);  // the provenance is not needed
}

TEST(Check, Arguments) {
  vitro_program closed{};
  EXPECT_EQ(vitro_program_check(nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_program_check(&closed), VITRO_BAD_ARGUMENT);
}

TEST(Check, TheDigestIsOfAllOtherBytes) {
  AlignedBytes file = copy_of(tiny_file());
  const schema::Digest& digest = *schema::GetProgram(file.data())->digest();
  EXPECT_EQ(digest.bytes()->size(), 32u);
  EXPECT_NE(std::string(32, '\0'),
            std::string(reinterpret_cast<const char*>(digest.bytes()->Data()), 32));
  seal(file.data(), file.size());  // sealing again gives the same: the old digest does not count
  EXPECT_EQ(std::memcmp(file.data(), tiny_file().data(), file.size()), 0);
}

TEST(Check, ALostDigestIsMissed) {
  schema::ProgramT program = tiny_program();
  add_digest(program);
  program.digest.reset();
  EXPECT_EQ(check(pack(program)), VITRO_DIGEST_MISMATCH);
}

TEST(Check, MoreOrFewerBytes) {
  const AlignedBytes& file = tiny_file();
  AlignedBytes longer(file.size() + 64);
  std::memset(longer.data(), 0, longer.size());
  std::memcpy(longer.data(), file.data(), file.size());
  for (size_t size = file.size() - 64; size <= longer.size(); ++size) {
    vitro_program program;
    const vitro_status opened = vitro_open(longer.data(), size, &program);
    const vitro_status status = opened == VITRO_OK ? vitro_program_check(&program) : opened;
    if (size == file.size())
      EXPECT_EQ(status, VITRO_OK);
    else if (opened == VITRO_OK)
      EXPECT_EQ(status, VITRO_DIGEST_MISMATCH) << size;
  }
}

TEST(Check, EveryBitOfTheStructureAndEveryConstant) {
  AlignedBytes file = copy_of(tiny_file());
  const auto* constants = schema::GetProgram(file.data())->constants();
  const size_t begin = static_cast<size_t>(constants->Data() - file.data()),
               end = begin + constants->size();
  ASSERT_GT(end - begin, 3000u);
  ASSERT_GT(file.size() - end, 3000u);
  size_t tried = 0;
  for (size_t at = 0; at < file.size(); ++at) {
    const bool structure = at < begin || at >= end;
    for (unsigned bit = structure ? 0 : at % 8; bit < (structure ? 8 : at % 8 + 1); ++bit) {
      file.data()[at] ^= static_cast<uint8_t>(1u << bit);
      EXPECT_TRUE(noticed(file)) << "bit " << bit << " of byte " << at;
      file.data()[at] ^= static_cast<uint8_t>(1u << bit);
      ++tried;
    }
  }
  EXPECT_GT(tried, file.size());
  EXPECT_EQ(check(file), VITRO_OK);
}

// The bytes that tell where the digest is: the first bytes of the file, the program's table and its
// vtable.
TEST(Check, EveryValueOfTheBytesThatLeadToTheDigest) {
  AlignedBytes file = copy_of(tiny_file());
  const size_t table = flat::ReadScalar<uint32_t>(file.data());
  const size_t vtable = table - static_cast<size_t>(flat::ReadScalar<int32_t>(file.data() + table));
  const size_t vtable_bytes = flat::ReadScalar<uint16_t>(file.data() + vtable),
               table_bytes = flat::ReadScalar<uint16_t>(file.data() + vtable + 2);
  ASSERT_GE(vtable_bytes, 4u + 2 * 13);
  const auto try_all = [&](size_t begin, size_t end) {
    for (size_t at = begin; at < end; ++at) {
      const uint8_t right = file.data()[at];
      for (unsigned value = 0; value < 256; ++value) {
        if (value == right) continue;
        file.data()[at] = static_cast<uint8_t>(value);
        EXPECT_TRUE(noticed(file)) << at << ": " << value;
      }
      file.data()[at] = right;
    }
  };
  try_all(0, 8);
  try_all(table, table + table_bytes);
  try_all(vtable, vtable + vtable_bytes);
}

}  // namespace
}  // namespace vitro

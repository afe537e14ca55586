// SPDX-License-Identifier: Apache-2.0
// For each check of the verifier there is a program that only this check refuses.
#include "tests/runtime/hostile.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/guarded_memory.h"

namespace vitro {
namespace {

std::vector<HostileCase> all_cases() {
  std::vector<HostileCase> cases = hostile_programs();
  for (auto* more : {hostile_flow, hostile_ops, own_hostile_cases})
    for (auto& c : more()) cases.push_back(std::move(c));
  return cases;
}

// The address of a field in a table.
uint8_t* field_of(const void* table, flatbuffers::voffset_t field) {
  return const_cast<uint8_t*>(static_cast<const flatbuffers::Table*>(table)->GetAddressOf(field));
}

void expect_refused(const AlignedBytes& file, vitro_status status, const std::string& fault) {
  GuardedMemory guarded(file.size());
  std::memcpy(guarded.data(), file.data(), file.size());
  guarded.forbid_writes();
  vitro_program program;
  EXPECT_EQ(vitro_open(guarded.data(), file.size(), &program), status);
  EXPECT_EQ(program.fault ? program.fault : "null", fault);
  EXPECT_EQ(program.data, nullptr);
  EXPECT_EQ(program.size, 0u);
}

TEST(Hostile, WithoutDamageAllIsWell) {
  for (const Small model : kAllSmall) {
    const AlignedBytes file = pack(unpack(small_program(model)));
    vitro_program program;
    EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK)
        << name_of(model) << ": " << (program.fault ? program.fault : "");
  }
}

TEST(Hostile, Refused) {
  for (const HostileCase& c : all_cases()) {
    SCOPED_TRACE(c.fault + ": " + c.what);
    schema::ProgramT program = c.base.make();
    c.damage(program);
    expect_refused(pack(program), c.status, c.fault);
  }
}

TEST(Hostile, UnknownOps) {
  const int beyond = static_cast<int>(schema::OpArgs::MAX) + 1;
  for (const int type : {0, beyond, beyond + 1, 255}) {
    AlignedBytes file = copy_of(small_program(Small::shallow));
    const schema::Op* op = schema::GetProgram(file.data())->steps()->Get(2)->ops()->Get(1);
    *field_of(op, schema::Op::VT_ARGS_TYPE) = static_cast<uint8_t>(type);
    expect_refused(file, VITRO_UNSUPPORTED, "an op of a newer version");
  }
}

TEST(Hostile, MisalignedConstants) {
  const AlignedBytes& sound = small_program(Small::shallow);
  const auto* constants = schema::GetProgram(sound.data())->constants();
  for (size_t by = 4; by < 64; by += 4) {
    // Appends a second copy of the vector to the file, and makes the program point to it.
    const size_t length_at = (sound.size() + 63) / 64 * 64 + by - 4;
    AlignedBytes file(length_at + 4 + constants->size());
    std::memset(file.data(), 0, file.size());
    std::memcpy(file.data(), sound.data(), sound.size());
    std::memcpy(file.data() + length_at, constants->Data() - 4, constants->size() + 4);
    uint8_t* field = field_of(schema::GetProgram(file.data()), schema::Program::VT_CONSTANTS);
    const uint32_t distance = static_cast<uint32_t>(file.data() + length_at - field);
    std::memcpy(field, &distance, 4);
    expect_refused(file, VITRO_CORRUPT, "the constants do not start at a multiple of 64");
  }
}

// Every text in the verifier's sources has a case, so that a new check needs a new hostile program.
TEST(Hostile, NoCheckIsForgotten) {
  const std::filesystem::path runtime = VITRO_RUNTIME_SOURCES;
  ASSERT_TRUE(std::filesystem::exists(runtime)) << "no sources at " << runtime;
  std::set<std::string> met = {"larger than 2 GiB", "truncated or damaged structure",
                               "the constants do not start at a multiple of 64"};
  met.insert({"mean_rows over too many rows", "attention over too many tokens",  // limits_test
              "a norm over too many columns",            // limits_test, mixing_ops_test
              "rollout over too many tokens"});          // ops/rollout_test
  met.insert({"more to verify than this runtime takes",  // program_bounds_test
              "more work than this runtime takes"});     // work_test
  for (const HostileCase& c : all_cases()) met.insert(c.fault);
  std::vector<std::filesystem::path> files = {runtime / "core/checker.cpp",
                                              runtime / "program/verify.cpp"};
  for (const auto& entry : std::filesystem::directory_iterator(runtime / "ops"))
    if (entry.path().extension() == ".cpp") files.push_back(entry.path());
  ASSERT_GT(files.size(), 8u);
  size_t texts = 0;
  for (const auto& path : files) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("#include", 0) == 0 || line.rfind("extern", 0) == 0 ||
          line.rfind("//", 0) == 0)
        continue;
      const std::regex literal("\"([^\"]*)\"");
      for (std::sregex_iterator at(line.begin(), line.end(), literal), end; at != end;
           ++at, ++texts)
        EXPECT_EQ(met.count((*at)[1]), 1u)
            << path << ": no hostile program for \"" << (*at)[1] << '"';
    }
  }
  EXPECT_GT(texts, 70u);
}

}  // namespace
}  // namespace vitro

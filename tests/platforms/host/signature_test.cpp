// SPDX-License-Identifier: Apache-2.0
// Signed programs: Ed25519 with the vectors of its RFC, and every way to tamper with a signed file.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "converter/base/error.h"
#include "platforms/host/signature/ed25519.h"
#include "platforms/host/signature/signature.h"
#include "runtime/digest/sha256.h"
#include "runtime/program/trailer.h"
#include "tests/platforms/host/rfc8032.h"

namespace vitro::host {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

int verify(const Bytes& signature, const Bytes& message, const Bytes& key) {
  return ed25519::verify(signature.data(), message.data(), message.size(), key.data());
}

TEST(Ed25519, VectorsOfRfc8032) {
  ed25519::need("test");
  for (const Rfc8032& vector : kRfc8032) {
    const Bytes seed = from_hex(vector.seed), message = from_hex(vector.message),
                signature = from_hex(vector.signature);
    Bytes key(32), made(64);
    ed25519::public_key(seed.data(), key.data());
    EXPECT_EQ(key, from_hex(vector.key));
    ed25519::sign(seed.data(), message.data(), message.size(), made.data());
    EXPECT_EQ(made, signature);
    EXPECT_EQ(verify(signature, message, key), 0);
    for (size_t bit = 0; bit < 512; ++bit) {
      Bytes other = signature;
      other[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      EXPECT_NE(verify(other, message, key), 0) << bit;
    }
    for (size_t at = 0; at < message.size(); ++at) {
      Bytes other = message;
      other[at] ^= 1;
      EXPECT_NE(verify(signature, other, key), 0) << at;
    }
  }
}

// A second encoding of a signature (S + L instead of S), and keys for which any message has a valid
// signature.
TEST(Ed25519, RefusesWhatRfc8032Forbids) {
  const Rfc8032& vector = kRfc8032[2];
  const Bytes order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  Bytes malleable = from_hex(vector.signature);
  unsigned carry = 0;
  for (size_t i = 0; i < 32; ++i) {
    carry += malleable[32 + i] + order[i];
    malleable[32 + i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_NE(verify(malleable, from_hex(vector.message), from_hex(vector.key)), 0);
  Bytes identity(32), signature(64);  // R = A = the neutral element, S = 0: S B = R + h A
  identity[0] = signature[0] = 1;
  EXPECT_NE(verify(signature, from_hex("72"), identity), 0);
}

class SignedTest : public testing::Test {
 protected:
  void SetUp() override {
    ed25519::need("test");
    make_keys(secret_, key_);
    for (size_t i = 0; i < 1000; ++i) file_.push_back(static_cast<uint8_t>(i * i + 3 * i));
    const auto trailer = sign(file_.data(), file_.size(), secret_, 7);
    file_.insert(file_.end(), trailer.begin(), trailer.end());
  }

  vitro_status check(const Bytes& file) {
    const vitro_signature_policy policy{key_.data(), least_counter_, ed25519::verify};
    std::memset(&said_, 0xff, sizeof said_);
    const vitro_status status = vitro_signed_check(file.data(), file.size(), &policy, &said_);
    if (status != VITRO_OK) {
      EXPECT_EQ(said_.size, 0u);
      EXPECT_EQ(said_.counter, 0u);
    }
    return status;
  }

  static constexpr size_t kProgram = 1000;
  SecretKey secret_;
  PublicKey key_;
  Bytes file_;
  uint64_t least_counter_ = 0;
  vitro_signed_program said_;
};

TEST_F(SignedTest, WhatWasSigned) {
  EXPECT_EQ(check(file_), VITRO_OK);
  EXPECT_EQ(said_.size, kProgram);
  EXPECT_EQ(said_.counter, 7u);
  EXPECT_EQ(file_.size(), kProgram + VITRO_TRAILER_BYTES);
  Bytes shifted(1);
  shifted.insert(shifted.end(), file_.begin(), file_.end());
  const vitro_signature_policy policy{key_.data(), 0, ed25519::verify};
  EXPECT_EQ(vitro_signed_check(shifted.data() + 1, file_.size(), &policy, &said_), VITRO_OK);
}

// The layout that vitro_signed.h describes, written by hand.
TEST_F(SignedTest, TheTrailerIsAsStated) {
  const uint8_t* const trailer = file_.data() + kProgram;
  EXPECT_EQ(std::memcmp(trailer, "VTROSIGN\1\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\xe8\3\0\0\0\0\0\0", 32),
            0);
  Sha256 of_key, of_program;
  uint8_t digest[32];
  of_key.update(key_.data(), key_.size());
  of_key.finish(digest);
  EXPECT_EQ(std::memcmp(trailer + 32, digest, 32), 0);
  Bytes message = from_hex("766974726f207369676e65642070726f6772616d000000000000000000000000");
  ASSERT_EQ(message.size(), 32u);
  message.insert(message.end(), trailer, trailer + 64);
  of_program.update(file_.data(), kProgram);
  of_program.finish(digest);
  message.insert(message.end(), digest, digest + 32);
  EXPECT_EQ(verify({trailer + 64, trailer + 128}, message, {key_.begin(), key_.end()}), 0);
}

TEST_F(SignedTest, EveryBitOfTheTrailer) {
  for (size_t bit = 0; bit < 8 * VITRO_TRAILER_BYTES; ++bit) {
    Bytes other = file_;
    other[kProgram + bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    const size_t at = bit / 8;
    const vitro_status status = check(other);
    if (at < kTrailerVersionAt)
      EXPECT_EQ(status, VITRO_UNSIGNED) << bit;
    else if (at < kTrailerCounterAt)
      EXPECT_EQ(status, VITRO_UNSUPPORTED) << bit;
    else if (at >= kTrailerKeyAt && at < kTrailerSignatureAt)
      EXPECT_EQ(status, VITRO_OTHER_KEY) << bit;
    else
      EXPECT_EQ(status, VITRO_SIGNATURE_MISMATCH) << bit;
  }
}

TEST_F(SignedTest, EveryByteOfTheProgram) {
  for (size_t at = 0; at < kProgram; ++at) {
    Bytes other = file_;
    other[at] ^= static_cast<uint8_t>(1u << at % 8);
    EXPECT_EQ(check(other), VITRO_SIGNATURE_MISMATCH) << at;
  }
}

TEST_F(SignedTest, TruncatedAndExtended) {
  const Bytes trailer(file_.end() - VITRO_TRAILER_BYTES, file_.end());
  for (size_t size = 1; size < file_.size(); ++size)
    EXPECT_EQ(check({file_.begin(), file_.begin() + static_cast<ptrdiff_t>(size)}), VITRO_UNSIGNED)
        << size;
  for (size_t cut = 1; cut <= kProgram; ++cut) {  // cuts the program, keeps the trailer
    Bytes other(file_.begin(), file_.end() - VITRO_TRAILER_BYTES - static_cast<ptrdiff_t>(cut));
    other.insert(other.end(), trailer.begin(), trailer.end());
    EXPECT_EQ(check(other), VITRO_SIGNATURE_MISMATCH) << cut;
  }
  for (size_t more = 1; more <= 2 * VITRO_TRAILER_BYTES; ++more) {
    Bytes behind = file_, before = file_, between = file_;
    behind.insert(behind.end(), more, 0);
    before.insert(before.begin(), more, 0);
    between.insert(between.end() - VITRO_TRAILER_BYTES, more, 0);
    EXPECT_EQ(check(behind), VITRO_UNSIGNED) << more;
    EXPECT_EQ(check(before), VITRO_SIGNATURE_MISMATCH) << more;
    EXPECT_EQ(check(between), VITRO_SIGNATURE_MISMATCH) << more;
  }
  Bytes twice = file_;
  twice.insert(twice.end(), trailer.begin(), trailer.end());
  EXPECT_EQ(check(twice), VITRO_SIGNATURE_MISMATCH);
}

TEST_F(SignedTest, TheCounter) {
  least_counter_ = 7;
  EXPECT_EQ(check(file_), VITRO_OK);
  least_counter_ = 8;
  EXPECT_EQ(check(file_), VITRO_ROLLED_BACK);
  file_[kProgram + kTrailerCounterAt] = 8;  // the counter is signed too
  EXPECT_EQ(check(file_), VITRO_SIGNATURE_MISMATCH);
  const auto highest = sign(file_.data(), kProgram, secret_, UINT64_MAX);
  std::copy(highest.begin(), highest.end(), file_.begin() + kProgram);
  least_counter_ = UINT64_MAX;
  EXPECT_EQ(check(file_), VITRO_OK);
  EXPECT_EQ(said_.counter, UINT64_MAX);
}

TEST_F(SignedTest, AnotherKey) {
  SecretKey other;
  PublicKey other_key;
  make_keys(other, other_key);
  Bytes forged(file_.begin(), file_.begin() + kProgram);
  auto trailer = sign(forged.data(), kProgram, other, 7);
  forged.insert(forged.end(), trailer.begin(), trailer.end());
  EXPECT_EQ(check(forged), VITRO_OTHER_KEY);
  // The same, with the hash of the right key.
  std::copy(file_.begin() + kProgram + kTrailerKeyAt,
            file_.begin() + kProgram + kTrailerSignatureAt,
            forged.begin() + kProgram + kTrailerKeyAt);
  EXPECT_EQ(check(forged), VITRO_SIGNATURE_MISMATCH);
  key_ = other_key;
  EXPECT_EQ(check(file_), VITRO_OTHER_KEY);
}

// The signature of a file, appended to another file of the same size.
TEST_F(SignedTest, AnotherProgram) {
  Bytes other(kProgram, 1);
  other.insert(other.end(), file_.begin() + kProgram, file_.end());
  EXPECT_EQ(check(other), VITRO_SIGNATURE_MISMATCH);
}

int calls;
int count_and_accept(const uint8_t*, const uint8_t*, size_t, const uint8_t*) { return ++calls, 0; }
int crash_code(const uint8_t*, const uint8_t*, size_t, const uint8_t*) { return 1; }

// The arguments of the caller's function, and that only the result 0 means "valid".
TEST_F(SignedTest, TheCallersFunction) {
  calls = 0;
  vitro_signature_policy policy{key_.data(), 8, count_and_accept};
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), &policy, &said_), VITRO_ROLLED_BACK);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(vitro_signed_check(file_.data(), kProgram, &policy, &said_), VITRO_UNSIGNED);
  file_[kProgram + kTrailerKeyAt] ^= 1;
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), &policy, &said_), VITRO_OTHER_KEY);
  EXPECT_EQ(calls, 1);
  file_[kProgram + kTrailerKeyAt] ^= 1;
  policy.verify = crash_code;
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), &policy, &said_),
            VITRO_SIGNATURE_MISMATCH);
}

TEST_F(SignedTest, Arguments) {
  const vitro_signature_policy policy{key_.data(), 0, ed25519::verify},
      no_key{nullptr, 0, ed25519::verify}, no_function{key_.data(), 0, nullptr};
  EXPECT_EQ(vitro_signed_check(nullptr, 200, &policy, &said_), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), nullptr, &said_), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), &policy, nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), &no_key, &said_), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_check(file_.data(), file_.size(), &no_function, &said_),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_read(nullptr, 200, &said_), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_read(file_.data(), file_.size(), nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_signed_read(file_.data(), file_.size(), &said_), VITRO_OK);
  EXPECT_EQ(said_.size, kProgram);
  EXPECT_EQ(vitro_signed_read(file_.data(), 999, &said_), VITRO_UNSIGNED);
  EXPECT_EQ(said_.size, 999u);
}

TEST_F(SignedTest, WhatTheToolAccepts) {
  const SignedBy demanded{key_, 7};
  const Extent extent = accept("file", file_.data(), file_.size(), demanded);
  EXPECT_EQ(extent.program_bytes, kProgram);
  ASSERT_TRUE(extent.signature);
  EXPECT_TRUE(extent.signature->verified);
  EXPECT_EQ(extent.signature->key_sha256, sha256_of(key_));
  EXPECT_THROW(accept("file", file_.data(), kProgram, demanded), InputError);
  EXPECT_THROW(accept("file", file_.data(), file_.size(), SignedBy{key_, 8}), InputError);
  const Extent plain = accept("file", file_.data(), kProgram, std::nullopt);
  EXPECT_EQ(plain.program_bytes, kProgram);
  EXPECT_FALSE(plain.signature);
  const Extent believed = accept("file", file_.data(), file_.size(), std::nullopt);
  EXPECT_EQ(believed.program_bytes, kProgram);
  EXPECT_FALSE(believed.signature->verified);
  file_[kProgram + kTrailerVersionAt] = 2;
  EXPECT_THROW(accept("file", file_.data(), file_.size(), std::nullopt), InputError);
}

}  // namespace
}  // namespace vitro::host

// SPDX-License-Identifier: Apache-2.0
// vitro keygen, sign and verify --key, and the tool that opens only signed programs. Each test
// makes the keys that it uses.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "tests/support/tool_runner.h"

namespace vitro {
namespace {

using Json = nlohmann::json;

class SignatureToolTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    if (run_tool({"keygen", "-o", path("a")}).exit_code != 0) GTEST_SKIP() << "without libsodium";
    ASSERT_EQ(run_tool({"keygen", "-o", path("b")}).exit_code, 0);
  }
  unsigned mode_of(const std::string& name) const {
    struct stat info;
    EXPECT_EQ(stat(path(name).c_str(), &info), 0) << name;
    return info.st_mode & 0777;
  }
  std::string signed_program(uint64_t counter = 3) const {
    run_json({"sign", "-m", program(), "-k", path("a.key"), "-o", path("signed.vitro"), "--counter",
              std::to_string(counter)});
    return path("signed.vitro");
  }
};

TEST_F(SignatureToolTest, Keys) {
  EXPECT_EQ(mode_of("a.key"), 0600u);
  EXPECT_EQ(mode_of("a.pub") & 0600u, 0600u);
  EXPECT_NE(read_bytes(path("a.key")), read_bytes(path("b.key")));
  EXPECT_EQ(read_bytes(path("a.key")).find("-----BEGIN PRIVATE KEY-----\n"), 0u);
  const Json facts = run_json({"keygen", "-o", path("c")});
  EXPECT_EQ(facts.at("secret_key"), path("c.key"));
  EXPECT_EQ(facts.at("public_key"), path("c.pub"));
  EXPECT_EQ(facts.at("key_sha256").get<std::string>().size(), 64u);
}

TEST_F(SignatureToolTest, KeysAreNeverWrittenOver) {
  expect_refused({"keygen", "-o", path("a")}, {"a.key", "is there already"});
  std::filesystem::remove(path("a.key"));
  expect_refused({"keygen", "-o", path("a")},
                 {"a.pub", "is there already"});  // and leaves no a.key
  std::filesystem::create_symlink("nowhere", path("d.key"));
  expect_refused({"keygen", "-o", path("d")}, {"d.key", "is there already"});
  expect_refused({"keygen", "-o", path("no/such/folder")}, {"cannot be written"});
  // These would be hidden files, "keys/.key".
  for (const char* nameless : {"/", "/.", "/.."})
    expect_wrong_usage({"keygen", "-o", path("") + nameless}, "no name");
}

TEST_F(SignatureToolTest, SignAndVerify) {
  const std::string model = program(), bytes = read_bytes(model);
  const Json facts = run_json({"sign", "-m", model, "-k", path("a.key"), "-o", path("s.vitro")});
  EXPECT_EQ(facts.at("counter"), 0);
  EXPECT_EQ(facts.at("program_bytes"), bytes.size());
  EXPECT_EQ(facts.at("replaced"), false);
  const std::string file = read_bytes(path("s.vitro"));
  EXPECT_EQ(file.size(), bytes.size() + 128);
  EXPECT_EQ(facts.at("file_bytes"), file.size());
  EXPECT_EQ(file.compare(0, bytes.size(), bytes), 0);

  const Json verified = run_json({"verify", "-m", path("s.vitro"), "--key", path("a.pub")});
  EXPECT_EQ(verified.at("verified"), true);
  EXPECT_EQ(verified.at("golden"), true);
  EXPECT_EQ(verified.at("signature").at("verified"), true);
  EXPECT_EQ(verified.at("signature").at("counter"), 0);
  EXPECT_EQ(verified.at("signature").at("key_sha256"), facts.at("key_sha256"));
  const Json believed = run_json({"verify", "-m", path("s.vitro")});
  EXPECT_EQ(believed.at("signature").at("verified"), false);
  EXPECT_EQ(run_json({"verify", "-m", model}).at("signature"), nullptr);
  EXPECT_NE(run_tool({"verify", "-m", path("s.vitro")}).out.find("NOT VERIFIED"),
            std::string::npos);
  expect_refused({"verify", "-m", model, "--key", path("a.pub")}, {"is not signed"});
  expect_refused({"verify", "-m", path("s.vitro"), "--key", path("b.pub")}, {"another key"});
}

TEST_F(SignatureToolTest, TheCounter) {
  const std::string model = signed_program(3);
  const Arguments verify = {"verify", "-m", model, "--key", path("a.pub"), "--least-counter"};
  Arguments at = verify, above = verify;
  at.push_back("3"), above.push_back("4");
  EXPECT_EQ(run_tool(at).exit_code, 0);
  expect_refused(above, {"older than"});
  expect_wrong_usage({"verify", "-m", model, "--least-counter", "3"}, "--key");
}

// Each of these was the highest counter, after which a device takes no release, or 8.
TEST_F(SignatureToolTest, CountersThatAreNoNumbers) {
  const std::string model = program(), out = path("o.vitro");
  for (const char* counter : {"-1", "18446744073709551616", "99999999999999999999", "010", "0x10",
                              "+1", " 1", "1e3", "nan"}) {
    expect_wrong_usage({"sign", "-m", model, "-k", path("a.key"), "-o", out, "--counter", counter},
                       "--counter");
    expect_wrong_usage({"verify", "-m", model, "--key", path("a.pub"), "--least-counter", counter},
                       "--least-counter");
  }
  EXPECT_EQ(run_json({"sign", "-m", model, "-k", path("a.key"), "-o", out, "--counter",
                      "18446744073709551615"})
                .at("counter"),
            UINT64_MAX);
}

TEST_F(SignatureToolTest, Tampering) {
  const std::string file = read_bytes(signed_program());
  const auto verdict = [&](const std::string& bytes) {
    return run_tool({"verify", "-m", write("tampered.vitro", bytes), "--key", path("a.pub")})
        .exit_code;
  };
  for (size_t at = file.size() - 128; at < file.size(); at += 5) {
    std::string other = file;
    other[at] ^= 1;
    EXPECT_EQ(verdict(other), 1) << at;
  }
  for (const size_t at : {size_t{0}, size_t{100}, file.size() / 2, file.size() - 129}) {
    std::string other = file;
    other[at] ^= 1;
    EXPECT_EQ(verdict(other), 1) << at;
  }
  EXPECT_EQ(verdict(file.substr(0, file.size() - 1)), 1);
  EXPECT_EQ(verdict(file.substr(0, file.size() - 128)), 1);
  EXPECT_EQ(verdict(file + '\0'), 1);
  EXPECT_EQ(verdict(file + file.substr(file.size() - 128)), 1);
  EXPECT_EQ(verdict(file.substr(64)), 1);
  EXPECT_EQ(verdict(file), 0);
}

TEST_F(SignatureToolTest, SignedProgramsRunAsOthersDo) {
  const std::string model = program(), of = signed_program(), photo = picture("a.png");
  EXPECT_EQ(hashes(run_json({"run", "-m", of, "-i", photo})),
            hashes(run_json({"run", "-m", model, "-i", photo})));
  const Json facts = run_json({"inspect", "-m", of});
  EXPECT_EQ(facts.at("signature").at("counter"), 3);
  EXPECT_EQ(facts.at("file_bytes").get<size_t>(), facts.at("program_bytes").get<size_t>() + 128);
  run_json({"emit", "-m", of, "--flash-image", "-o", path("flash")});
  EXPECT_NE(read_bytes(path("flash")).find("VTROSIGN"), std::string::npos);
  run_json({"emit", "-m", of, "--c-array", "-o", path("m.c")});
  EXPECT_NE(read_bytes(path("m.h")).find("M_FILE_BYTES"), std::string::npos);
  run_json({"emit", "-m", model, "--c-array", "-o", path("n.c")});
  EXPECT_EQ(read_bytes(path("n.h")).find("N_FILE_BYTES"), std::string::npos);
  // Another signature replaces the first.
  const Json again = run_json({"sign", "-m", of, "-k", path("b.key"), "-o", path("again.vitro")});
  EXPECT_EQ(again.at("replaced"), true);
  EXPECT_EQ(std::filesystem::file_size(path("again.vitro")), std::filesystem::file_size(of));
  EXPECT_EQ(run_tool({"verify", "-m", path("again.vitro"), "--key", path("b.pub")}).exit_code, 0);
}

TEST_F(SignatureToolTest, WhatIsNoKey) {
  const std::string model = program(), out = path("o.vitro");
  const auto refuses = [&](const std::string& key, const std::string& word) {
    expect_refused({"sign", "-m", model, "-k", key, "-o", out}, {word});
  };
  std::filesystem::permissions(path("b.key"), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  refuses(path("b.key"), "others than its owner");
  refuses(path("missing"), "cannot be opened");
  refuses(path("."), "is not a file");
  const auto secret = [&](const std::string& name, const std::string& bytes) {
    std::string file = write(name, bytes);
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    return file;
  };
  const std::string key = read_bytes(path("a.key"));
  refuses(secret("public", read_bytes(path("a.pub"))), "is no secret Ed25519 key");
  refuses(secret("empty", ""), "is no secret Ed25519 key");
  refuses(secret("short", key.substr(0, key.size() / 2)), "is no secret Ed25519 key");
  refuses(secret("long", std::string(5000, 'a')), "is no Ed25519 key");
  std::string other = key;
  other[30] = '!';
  refuses(secret("not_base64", other), "is no secret Ed25519 key");
  other = key;
  other[28] = other[28] == 'M' ? 'N' : 'M';  // the DER of another algorithm
  refuses(secret("other_der", other), "is no secret Ed25519 key");
  EXPECT_EQ(
      run_tool({"sign", "-m", model, "-k", secret("crlf", "comment\n" + key), "-o", out}).exit_code,
      0);
  expect_refused({"verify", "-m", out, "--key", path("a.key")}, {"is no public Ed25519 key"});
  expect_refused({"sign", "-m", path("a.pub"), "-k", path("a.key"), "-o", out},
                 {"not a vitro program"});
  expect_refused({"sign", "-m", model, "-k", path("a.key"), "-o", path("a.key")},
                 {"would be overwritten"});
}

}  // namespace
}  // namespace vitro

// SPDX-License-Identifier: Apache-2.0
// vitro keygen: a pair of keys, one to sign programs with, one to verify them by.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "converter/base/input_file.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/signature/ed25519.h"
#include "platforms/host/signature/key_file.h"

namespace vitro::host {

void keygen_command(const KeygenCommand& command) {
  ed25519::need(command.name);
  const std::string last = file_name(command.name);
  if (last.empty() || last == "." || last == "..")
    throw UsageError("--output", in_quotes(command.name) + " has no name for the keys at its end",
                     "write release, or keys/release");
  const std::string secret_path = command.name + ".key", public_path = command.name + ".pub";
  SecretKey secret;
  PublicKey key;
  make_keys(secret, key);
  const std::string sha256 = sha256_of(key);
  const std::string text =
      command.json
          ? json_of(
                {{"secret_key", secret_path}, {"public_key", public_path}, {"key_sha256", sha256}},
                2) +
                "\n"
          : formatted(
                "%s: secret, for 'vitro sign' alone: keep it off devices and out of repositories\n"
                "%s: public, for 'vitro verify --key' and VITRO_REQUIRE_SIGNED; SHA-256 %s\n",
                shown(secret_path).c_str(), shown(public_path).c_str(), sha256.c_str());
  write_keys(secret_path, public_path, secret, key);
  print_text(text, command.json);
}

}  // namespace vitro::host

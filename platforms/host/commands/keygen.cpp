// SPDX-License-Identifier: Apache-2.0
// vitro keygen: a pair of keys, one to sign programs with, one to verify them by.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "platforms/host/commands/commands.h"
#include "platforms/host/signature/ed25519.h"
#include "platforms/host/signature/key_file.h"

namespace vitro::host {

void keygen_command(const KeygenCommand& command) {
  ed25519::need(command.name);
  const std::string secret_path = command.name + ".key", public_path = command.name + ".pub";
  SecretKey secret;
  PublicKey key;
  make_keys(secret, key);
  write_keys(secret_path, public_path, secret, key);
  if (command.json) {
    print_json(
        {{"secret_key", secret_path}, {"public_key", public_path}, {"key_sha256", sha256_of(key)}});
    return;
  }
  std::printf(
      "%s: secret, for 'vitro sign' alone: keep it off devices and out of repositories\n%s: "
      "public, for 'vitro verify --key' and VITRO_REQUIRE_SIGNED; SHA-256 %s\n",
      shown(secret_path).c_str(), shown(public_path).c_str(), sha256_of(key).c_str());
}

}  // namespace vitro::host

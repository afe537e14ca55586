// SPDX-License-Identifier: Apache-2.0
// vitro sign: a trailer behind a program says who made it, and of which release it is.
#include <cstdio>
#include <cstring>

#include <nlohmann/json.hpp>

#include "converter/base/write_file.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/signature/ed25519.h"
#include "platforms/host/signature/key_file.h"

namespace vitro::host {

void sign_command(const SignCommand& command) {
  ed25519::need(command.model);
  check_outputs({command.output}, {command.model, command.key});
  SecretKey secret;
  read_secret_key(command.key, secret);
  // Whatever this build demands of programs that it runs: this one gets its signature now.
  const ProgramFile file(command.model, std::nullopt);
  const auto* const program = static_cast<const uint8_t*>(file.program().get()->data);
  const auto trailer = sign(program, file.program_bytes(), secret, command.counter);
  OutputFile output(command.output);
  output.write(program, file.program_bytes());
  output.write(trailer.data(), trailer.size());
  const std::string key = sha256_of(public_key_of(secret));
  const std::string text =
      command.json
          ? json_of({{"file", command.output},
                     {"file_bytes", file.program_bytes() + trailer.size()},
                     {"program_bytes", file.program_bytes()},
                     {"counter", command.counter},
                     {"key_sha256", key},
                     {"replaced", file.signature().has_value()}},
                    2) +
                "\n"
          : formatted(
                "%s: signed, counter %llu, %zu bytes of program and %zu of trailer%s\nkey's "
                "SHA-256 %s\n",
                shown(command.output).c_str(), static_cast<unsigned long long>(command.counter),
                file.program_bytes(), trailer.size(),
                file.signature() ? ", in the place of another signature" : "", key.c_str());
  output.commit();
  print_text(text, command.json);
}

}  // namespace vitro::host

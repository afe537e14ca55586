// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/command_line/trust.h"

#include "platforms/host/command_line/options.h"
#include "platforms/host/process.h"

namespace vitro::host {

void add_keygen(CLI::App& app, KeygenCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand("keygen", "Make a pair of Ed25519 keys to sign programs with");
  sub->add_option("-o,--output", c.name,
                  "Write NAME.key, the secret key, and NAME.pub, the public one (PEM)")
      ->required()
      ->type_name("NAME");
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return keygen_command(c), 0; }; });
}

void add_sign(CLI::App& app, SignCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "sign", "Sign a program, so that devices can tell who made it before they open it");
  add_model(sub, c.model);
  sub->add_option("-k,--key", c.key, "The secret key, as 'vitro keygen' or openssl writes it")
      ->required()
      ->type_name("FILE.key");
  sub->add_option("-o,--output", c.output, "Where to write the signed program")
      ->required()
      ->type_name("FILE");
  sub->add_option("--counter", c.counter,
                  "Number of the release; a device refuses numbers lower than it has accepted")
      ->check(whole_number(0, UINT64_MAX))
      ->capture_default_str();
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return sign_command(c), 0; }; });
}

void add_verify(CLI::App& app, VerifyCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "verify", "Verify a program completely, then run its golden vectors on this machine");
  add_model(sub, c.model);
  CLI::Option* const key =
      sub->add_option("--key", c.key, "The public key of the owner who must have signed it")
          ->type_name("FILE.pub");
  sub->add_option("--least-counter", c.least_counter, "The lowest counter that is accepted")
      ->check(whole_number(0, UINT64_MAX))
      ->needs(key)
      ->capture_default_str();
  add_run_options(sub, c.options);
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return verify_command(c) ? 0 : kRefused; }; });
}

}  // namespace vitro::host

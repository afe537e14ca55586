// SPDX-License-Identifier: Apache-2.0
// vitro verify: does this machine compute what the converter did?
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "platforms/host/commands/commands.h"
#include "platforms/host/run_progress.h"
#include "platforms/host/signature/key_file.h"

namespace vitro::host {

namespace {

std::unique_ptr<ProgramFile> open_to_verify(const VerifyCommand& command) {
  try {
    std::optional<SignedBy> demanded = required_signature();
    if (!command.key.empty())
      demanded = SignedBy{read_public_key(command.key), command.least_counter};
    return std::make_unique<ProgramFile>(command.model, demanded);
  } catch (const InputError& error) {
    if (command.json)
      print_json({{"verified", false},
                  {"golden", false},
                  {"fault", error.what()},
                  {"error", error.what()}});
    throw;
  }
}

}  // namespace

bool verify_command(const VerifyCommand& command) {
  const std::unique_ptr<ProgramFile> opened = open_to_verify(command);
  const ProgramFile& file = *opened;
  const unsigned vectors = file.schema().golden()->size();
  RunProgress progress(file.program(), "running the golden vectors", vectors);
  Inference inference(file, command.options, progress.trace(), progress.context());
  const bool golden =
      vectors > 0 && inference.session().self_test() == VITRO_OK;  // none prove nothing
  progress.finish();
  if (command.json) {
    const nlohmann::ordered_json out = {{"verified", true},
                                        {"digest", file.has_digest()},
                                        {"signature", describe_signature(file)},
                                        {"golden", golden},
                                        {"vectors", vectors},
                                        {"isa", inference.session().isa()},
                                        {"linear", command.options.linear}};
    print_json(out);
  } else {
    if (const std::optional<Signature>& s = file.signature())
      std::printf("%s: %s, counter %llu, key's SHA-256 %s\n", shown(file.path()).c_str(),
                  s->verified ? "signature verified" : "signed, NOT VERIFIED for want of --key",
                  static_cast<unsigned long long>(s->counter), s->key_sha256.c_str());
    std::printf("%s: structure, bounds and constants verified; %s; %u golden vectors %s (%s)\n",
                shown(file.path()).c_str(),
                file.has_digest() ? "every byte as it was written"
                                  : "no digest: nothing tells whether labels and weights are whole",
                vectors,
                golden    ? "equal to the bit"
                : vectors ? "DIFFER: this machine computes other values than the converter did"
                          : ": nothing to compare with",
                inference.session().isa());
  }
  return golden;
}

}  // namespace vitro::host

// SPDX-License-Identifier: Apache-2.0
// What a PEFT adapter's adapter_config.json says about its tensors.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace vitro::converter {

struct LoraConfig {
  std::string path;
  size_t rank = 0;
  double alpha = 0;
  bool rank_stabilised = false;  // arXiv 2312.03732: alpha / sqrt(rank) in place of alpha / rank
  std::map<std::string, double> ranks;   // by pattern: rank_pattern
  std::map<std::string, double> alphas;  // alpha_pattern
};

/// Throws InputError on what is not plain LoRA, by its name: other kinds of adapters, DoRA,
/// initialisations that change the base (PiSSA, OLoRA ...), and on any further setting that is
/// neither null, false nor empty.
LoraConfig read_lora_config(const std::string& path);

/// The pattern's value for a module, as PEFT looks it up: its whole name, or its last words;
/// `otherwise` where none matches.
double by_pattern(const std::map<std::string, double>& patterns, const std::string& module,
                  double otherwise);

}  // namespace vitro::converter

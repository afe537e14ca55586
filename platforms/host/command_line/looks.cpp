// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/command_line/looks.h"

#include "platforms/host/command_line/command_line.h"
#include "platforms/host/command_line/options.h"

namespace vitro::host {

void add_features(CLI::App& app, FeaturesCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "features", "Write what a network makes of photos (embeddings), for other programs");
  add_model(sub, c.model);
  sub->add_option("-i,--image", c.images,
                  "Photos, folders (with their sub-folders), or - for one photo on standard input")
      ->required()
      ->type_name("IMAGE|DIR|-");
  sub->add_option("-o,--output", c.output,
                  "Where to write them, float32 [photos, columns] or [photos, rows, columns]; "
                  "FILE.csv beside it says which row is of which photo")
      ->required()
      ->type_name("FILE.npy");
  sub->add_option("--name", c.name,
                  "Output of the program to take ('vitro inspect' lists them; default: features, "
                  "class, or the first of that kind)")
      ->type_name("NAME");
  sub->add_flag("--unit-length", c.unit_length, "Divide each row by its length");
  add_run_options(sub, c.options);
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return features_command(c) ? 0 : kRefused; }; });
}

void add_attention(CLI::App& app, AttentionCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "attention",
      "Draw where in a photo a network looks (of a program converted with --also attention)");
  add_model(sub, c.model);
  sub->add_option("-i,--image", c.image, "The photo, or - for standard input")
      ->required()
      ->type_name("IMAGE|-");
  sub->add_option("-o,--output", c.output, "Where to write the photo with the map over it")
      ->required()
      ->type_name("FILE.png");
  sub->add_option("--block", c.block,
                  "Of the blocks whose attention the program gives, this one, from 0 (default: the "
                  "last)")
      ->check(CLI::Range(0, 9999));
  sub->add_option("--head", c.head, "A head, from 0; mean: their mean; all: side by side")
      ->type_name("NUMBER|mean|all")
      ->capture_default_str();
  sub->add_flag("--rollout", c.rollout,
                "Attention rollout: that of all blocks, multiplied (Abnar and Zuidema, 2020)");
  add_run_options(sub, c.options);
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return attention_command(c), 0; }; });
}

}  // namespace vitro::host

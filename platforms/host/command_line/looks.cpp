// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/command_line/looks.h"

#include "platforms/host/command_line/command_line.h"
#include "platforms/host/command_line/options.h"
#include "platforms/host/process.h"

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

void add_index(CLI::App& app, IndexCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "index", "Make a gallery of known photos, which 'vitro run --gallery' compares others with");
  sub->add_option("folder", c.folder,
                  "Folder of the photos; its sub-folders are the classes, if it has any")
      ->required()
      ->type_name("DIR");
  add_model(sub, c.model);
  sub->add_option("-o,--output", c.output, "Where to write the gallery")
      ->required()
      ->type_name("FILE");
  sub->add_option("--labels", c.labels,
                  "CSV with the columns file,label: these photos of the folder, and their classes")
      ->type_name("CSV");
  sub->add_option("--name", c.name,
                  "Output of the program to compare by (default: as of 'vitro features')")
      ->type_name("NAME");
  add_run_options(sub, c.options);
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return index_command(c) ? 0 : kRefused; }; });
}

void add_gallery_options(CLI::App* sub, RunCommand& c) {
  CLI::Option* const gallery =
      sub->add_option("--gallery", c.gallery,
                      "Name photos by the nearest of this gallery, which 'vitro index' made with "
                      "the same program")
          ->type_name("FILE");
  sub->add_option("--neighbours", c.neighbours, "How many of the gallery's photos vote")
      ->check(whole_number(1, 10000))
      ->needs(gallery)
      ->capture_default_str();
  sub->add_option("--vote", c.vote,
                  "weighted: by exp(cosine / 0.07), as DINO's k-NN; plain: one vote each")
      ->check(CLI::IsMember({"weighted", "plain"}))
      ->needs(gallery)
      ->capture_default_str();
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
      ->check(whole_number(0, 9999));
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

// SPDX-License-Identifier: Apache-2.0
// vitro attention: where in a photo a network looks, as a picture.
#include <algorithm>
#include <cstdint>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "converter/base/write_file.h"
#include "platforms/host/attention/maps.h"
#include "platforms/host/attention/overlay.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/pictures/png_writer.h"
#include "platforms/host/run_progress.h"

namespace vitro::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kNoHead = SIZE_MAX;

struct NamedMap {
  size_t head;        // kNoHead: `whole` says what it is
  const char* whole;  // "mean", "rollout"
  AttentionMap map;
};

constexpr size_t kMostPixels = size_t{1} << 24;  // of a picture of all heads

constexpr char kMean[] = "mean", kAll[] = "all";

const AttentionBlock& chosen_block(const AttentionCommand& command, const AttentionBlocks& blocks) {
  if (!command.block) return blocks.shown.back();
  if (*command.block < blocks.shown.size()) return blocks.shown[*command.block];
  throw UsageError("--block",
                   std::to_string(*command.block) + " is not among the " +
                       std::to_string(blocks.shown.size()) + " whose attention the program gives",
                   "count from 0, or leave it out for the last");
}

// The heads to be shown; none for their mean.
std::vector<size_t> chosen_heads(const std::string& head, const AttentionBlock& block) {
  std::vector<size_t> heads;
  if (head == kMean) return heads;
  if (head == kAll) {
    for (size_t h = 0; h < block.heads; ++h) heads.push_back(h);
    return heads;
  }
  const bool number =
      !head.empty() && head.size() < 6 &&
      std::all_of(head.begin(), head.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number || std::stoul(head) >= block.heads)
    throw UsageError("--head",
                     in_quotes(head) + " is none of the " + std::to_string(block.heads) +
                         " heads of " + block.name,
                     "give a number from 0 on, mean or all");
  heads.push_back(std::stoul(head));
  return heads;
}

void check_heads_fit(size_t heads, const AttentionBlock& block, const Preprocessing& photo) {
  const uint64_t factor = enlargement(photo.image_width, photo.image_height);
  const uint64_t pixels = factor * photo.image_width * factor * photo.image_height;
  if (heads > 1 && heads > kMostPixels / pixels)
    throw UsageError("--head",
                     "all " + std::to_string(heads) + " heads of " + block.name +
                         " are too many for one picture",
                     "give the number of one, or mean");
}

std::vector<NamedMap> maps_of(const AttentionCommand& command, const Inference& inference,
                              const AttentionBlocks& blocks) {
  if (command.rollout) return {{kNoHead, "rollout", rollout(inference, blocks, command.model)}};
  const AttentionBlock& block = chosen_block(command, blocks);
  std::vector<NamedMap> maps;
  for (const size_t head : chosen_heads(command.head, block))
    maps.push_back({head, "", map_of_head(inference, blocks, block, head)});
  if (maps.empty()) maps.push_back({kNoHead, kMean, map_of_heads(inference, blocks, block)});
  return maps;
}

Picture drawn(const Picture& photo, const std::vector<NamedMap>& maps,
              const AttentionBlocks& blocks) {
  std::vector<Picture> pictures;
  if (maps.size() > 1) pictures.push_back(enlarged(photo));
  for (const NamedMap& named : maps)
    pictures.push_back(
        overlay_of(photo, named.map.patches, {blocks.grid_height, blocks.grid_width}));
  return side_by_side(pictures);
}

// What is said of them.
struct DrawnMaps {
  const AttentionCommand& command;
  const AttentionBlocks& blocks;
  const std::string& of;  // a block, or all
  bool class_row;
  const std::vector<NamedMap>& maps;
};

std::string in_json(const DrawnMaps& a) {
  Json maps = Json::array();
  for (const NamedMap& named : a.maps) {
    const Json head = named.head == kNoHead ? Json(named.whole) : Json(named.head);
    maps.push_back(
        {{"head", head}, {"on_other_tokens", named.map.others}, {"values", named.map.patches}});
  }
  return json_of({{"image", a.command.image},
                  {"overlay", a.command.output},
                  {"block", a.of},
                  {"query", a.class_row ? "class" : "mean"},
                  {"grid", {{"height", a.blocks.grid_height}, {"width", a.blocks.grid_width}}},
                  {"maps", std::move(maps)}},
                 2) +
         "\n";
}

std::string for_people(const DrawnMaps& a) {
  const size_t height = a.blocks.grid_height, width = a.blocks.grid_width;
  std::string text =
      shown(a.command.output) + ": " + shown(a.of) +
      (a.class_row ? ", the class token's query\n" : ", the mean over all queries\n");
  for (const NamedMap& named : a.maps) {
    const auto& patches = named.map.patches;
    const auto most =
        static_cast<size_t>(std::max_element(patches.begin(), patches.end()) - patches.begin());
    const std::string name =
        named.head == kNoHead ? named.whole : "head " + std::to_string(named.head);
    text += formatted("  %-8s %5.1f %% on the patches, most at row %zu, column %zu of %zu x %zu\n",
                      name.c_str(), 100 * (1 - named.map.others), most / width, most % width,
                      height, width);
  }
  return text;
}

}  // namespace

void attention_command(const AttentionCommand& command) {
  if (command.rollout && (command.block || command.head != kMean))
    throw UsageError("--rollout", "is over all blocks and heads", "leave --block and --head out");
  if (std::filesystem::path(command.output).extension() != ".png")
    throw UsageError("--output", in_quotes(command.output) + " does not end in .png",
                     "give a name that does: the picture is a PNG");
  const ProgramFile file(command.model);
  const AttentionBlocks blocks = list_attention(file);
  const AttentionBlock& block = chosen_block(command, blocks);
  const Preprocessing preprocessing = file.preprocessing();
  check_heads_fit(chosen_heads(command.head, block).size(), block, preprocessing);
  check_outputs({command.output}, {command.image, command.model});
  RunProgress within(file.program(), "running", 1);
  Inference inference(file, command.options, within.trace(), within.context());
  Picture photo{preprocessing.image_width, preprocessing.image_height,
                prepare_picture(command.image, preprocessing)};
  inference.run(photo.rgb);
  within.finish();

  const std::vector<NamedMap> maps = maps_of(command, inference, blocks);
  const std::string of = command.rollout ? "all" : block.name;
  const DrawnMaps account{command, blocks, of, has_class_row(blocks, block), maps};
  const std::string text = command.json ? in_json(account) : for_people(account);
  const std::string png = png_of(drawn(photo, maps, blocks));
  write_file(command.output, png.data(), png.size());
  print_text(text, command.json);
}

}  // namespace vitro::host

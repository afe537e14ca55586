// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/command_line/options.h"

#include <charconv>

#include "platforms/host/commands/size_argument.h"

namespace vitro::host {

CLI::Validator whole_number(uint64_t low, uint64_t high) {
  const std::string bounds = std::to_string(low) + " to " + std::to_string(high);
  return CLI::Validator(
      [=](std::string& text) {
        uint64_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, fault] = std::from_chars(text.data(), end, number);
        const bool plain = fault == std::errc() && stop == end && (text[0] != '0' || number == 0);
        return plain && number >= low && number <= high
                   ? std::string()
                   : in_quotes(text) + " is not a whole number from " + bounds;
      },
      "INT in [" + std::to_string(low) + " - " + std::to_string(high) + "]");
}

void add_model(CLI::App* app, std::string& model) {
  app->add_option("-m,--model", model, "The program, a .vitro file")->required()->type_name("FILE");
}
void add_json(CLI::App* app, bool& json) {
  app->add_flag("--json", json, "Print exactly one JSON object on stdout");
}
void add_run_options(CLI::App* app, RunOptions& options) {
  app->add_option("-t,--threads", options.threads, "Threads")
      ->check(whole_number(1, 1024))
      ->capture_default_str();
  app->add_option("--isa", options.isa, "Use this kernel variant ('vitro isa' lists them)")
      ->type_name("NAME");
  app->add_option(
         "--linear", options.linear,
         "What computes the linear layers of programs with static activations; the logits are the "
         "same")
      ->check(CLI::IsMember({"vitro", "xnnpack"}))
      ->capture_default_str();
  app->add_option("--max-macs", options.max_macs,
                  "Refuse a program that takes more multiply-accumulates for a picture ('vitro "
                  "inspect' says how many)")
      ->check(whole_number(1, uint64_t{1} << 62))
      ->type_name("NUMBER");
}
void add_family_options(CLI::App* app, FamilyArguments& f) {
  app->add_option("--heads", f.heads,
                  "Number of attention heads (assumed where no file says it: from the width, 64 "
                  "channels each)")
      ->check(whole_number(1, 1024))
      ->type_name("INT");
  app->add_option("--epsilon", f.epsilon, "Epsilon of every LayerNorm (assumed: 1e-06)")
      ->check(CLI::Range(1e-12, 0.1))
      ->type_name("FLOAT");
  app->add_option("--set", f.set,
                  "A setting of the model's family ('vitro families' lists them); may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}
void add_adapter_options(CLI::App* app, std::string& lora, std::string& prompts,
                         PixelSize& image_size) {
  app->add_option_function<std::string>(
         "--image-size",
         [&image_size](const std::string& text) {
           const auto [height, width] = two_sides("--image-size", text, "224, or 96x160");
           image_size = {width, height};
         },
         "Size of the picture in pixels: its side, or height and width; position embeddings are "
         "resampled as in timm (default: as trained)")
      ->type_name("PIXELS|HxW");
  app->add_option(
         "--lora", lora,
         "A PEFT LoRA adapter (adapter_config.json and its weights), merged into the model")
      ->type_name("DIR");
  app->add_option("--prompt-tokens", prompts,
                  "Tokens of shallow Visual Prompt Tuning, [P, width]: a .npy file, or a file of "
                  "weights with one tensor")
      ->type_name("FILE");
}

#ifdef VITRO_HAVE_CONVERTER
void add_activations(CLI::App* app, std::string& activations) {
  app->add_option("--activations", activations,
                  "Scales of the inputs and outputs of linear layers: one for each row, computed "
                  "as it runs (dynamic), or one for each tensor, computed here (static: less "
                  "accurate; for --linear)")
      ->check(CLI::IsMember({"dynamic", "static"}))
      ->capture_default_str();
}

namespace {

void add_state(CLI::App* app, std::string& state) {
  app->add_option("--state", state,
                  "Take the set of weights under this key or prefix, where the file has several "
                  "(teacher, model_ema ...)")
      ->type_name("KEY");
}

void add_preprocessing_options(CLI::App* app, ModelArguments& m) {
  app->add_option("--resize", m.resize,
                  "Size to resize photos to: pixels of the side that --resize-mode names, or width "
                  "and height (assumed: image size * 256 / 224; small pictures: the image size)")
      ->type_name("PIXELS|WxH");
  app->add_option(
         "--resize-mode", m.resize_mode,
         "shorter: resize the shorter side; longer: the longer side or, given width and height, to "
         "fit into both (letterbox); exact: to width and height (squash); cover: to cover both; "
         "none: do not resize. Then a window is cut out of the middle (assumed: shorter; cover "
         "where the picture is not square)")
      ->check(CLI::IsMember({"shorter", "longer", "exact", "cover", "none"}));
  app->add_option("--filter", m.filter, "Resize filter, as in Pillow (assumed: bicubic)")
      ->check(CLI::IsMember({"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"}));
  app->add_option("--crop-rounding", m.crop_rounding,
                  "How half of an odd margin around the window is rounded: half to even (timm, "
                  "torchvision) or down (transformers)")
      ->check(CLI::IsMember({"half-even", "floor"}));
  app->add_option("--fill", m.fill,
                  "Colour where a photo does not fill the window, 0 to 255 (assumed: 0,0,0)")
      ->type_name("R,G,B");
  app->add_option(
         "--orientation", m.orientation,
         "Turn photos upright as their EXIF orientation says, or ignore it (assumed: apply)")
      ->check(CLI::IsMember({"apply", "ignore"}));
  app->add_option("--rescale", m.rescale,
                  "Factor for pixels, applied before mean and std (assumed: 1/255)")
      ->type_name("FACTOR");
  app->add_option("--mean", m.mean, "Mean of pixel * rescale (assumed: 0.485,0.456,0.406)")
      ->type_name("R,G,B");
  app->add_option("--std", m.std,
                  "Standard deviation of pixel * rescale (assumed: 0.229,0.224,0.225)")
      ->type_name("R,G,B");
}

}  // namespace

void add_model_options(CLI::App* app, ModelArguments& m) {
  add_state(app, m.state);
  add_family_options(app, m.family);
  add_adapter_options(app, m.lora, m.prompts, m.image_size);
  add_preprocessing_options(app, m);
}
#endif

}  // namespace vitro::host

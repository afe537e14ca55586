// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/model_arguments.h"

#include <cmath>
#include <sstream>

#include "platforms/host/commands/size_argument.h"

namespace vitro::host {

using namespace converter;

namespace {

std::array<float, 3> three_of(const std::string& option, const std::string& text, float low,
                              float high, const std::string& remedy) {
  std::istringstream in(text);
  std::array<float, 3> out{};
  char comma1 = 0, comma2 = 0;
  if (!(in >> out[0] >> comma1 >> out[1] >> comma2 >> out[2]) || comma1 != ',' || comma2 != ',' ||
      !(in >> std::ws).eof())
    throw UsageError(option, "'" + text + "' is not three numbers",
                     "write red,green,blue, like 0.485,0.456,0.406");
  for (const float value : out)
    if (!(value >= low && value <= high))
      throw UsageError(option, "a value is not within " + text_of(low) + " and " + text_of(high),
                       remedy);
  return out;
}

std::array<uint8_t, 3> colour_of(const std::string& text) {
  const std::array<float, 3> rgb = three_of("--fill", text, 0, 255, "give a colour");
  std::array<uint8_t, 3> out{};
  for (size_t c = 0; c < 3; ++c) {
    if (rgb[c] != std::floor(rgb[c]))
      throw UsageError("--fill", "'" + text + "' is not of whole numbers",
                       "give a colour, like 124,116,104");
    out[c] = static_cast<uint8_t>(rgb[c]);
  }
  return out;
}

// "0.00392", or a fraction like "1/255".
float factor_of(const std::string& text) {
  std::istringstream in(text);
  double numerator = 0, denominator = 1;
  char slash = 0;
  const bool good = static_cast<bool>(in >> numerator) &&
                    ((in >> std::ws).eof() ||
                     (in >> slash >> denominator && slash == '/' && (in >> std::ws).eof()));
  const double factor = numerator / denominator;
  if (!good || !(factor >= 1e-6 && factor <= 1e3))
    throw UsageError("--rescale", "'" + text + "' is not a factor within 1e-06 and 1000",
                     "write 1/255, or 1 for pixels as they are");
  return static_cast<float>(factor);
}

void check_size(const PictureOptions& picture) {
  if (!picture.resize || !picture.mode) return;
  if (*picture.mode == ResizeMode::None)
    throw UsageError("--resize", "does not go with --resize-mode none", "leave one of them out");
  if (*picture.mode == ResizeMode::ShorterSide && picture.resize->width != picture.resize->height)
    throw UsageError("--resize", "a width and a height do not go with --resize-mode shorter",
                     "give one number, or --resize-mode cover or exact");
}

}  // namespace

NamedValues family_settings(const FamilyArguments& arguments) {
  NamedValues out;
  if (!arguments.heads.empty()) out["heads"] = said(arguments.heads, "--heads");
  if (!arguments.epsilon.empty()) out["epsilon"] = said(arguments.epsilon, "--epsilon");
  for (const std::string& text : arguments.set) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw UsageError("--set", in_quotes(text) + " is not NAME=VALUE", "write --set heads=6");
    const std::string name = text.substr(0, equals);
    if (!out.emplace(name, said(text.substr(equals + 1), "--set " + name)).second)
      throw UsageError("--set " + name, "is given twice", "leave one of them out");
  }
  return out;
}

ModelOptions model_options(const ModelArguments& arguments) {
  ModelOptions out;
  out.settings = family_settings(arguments.family);
  out.state = arguments.state;
  out.adapters = {arguments.lora, arguments.prompts, arguments.image_size};
  PictureOptions& picture = out.picture;
  if (!arguments.resize.empty()) {
    const auto [width, height] = two_sides("--resize", arguments.resize, "256, or 320x240");
    picture.resize = PixelSize{width, height};
  }
  for (const ResizeMode mode : {ResizeMode::ShorterSide, ResizeMode::LongerSide, ResizeMode::Exact,
                                ResizeMode::None, ResizeMode::Cover})
    if (arguments.resize_mode == name_of(mode)) picture.mode = mode;
  check_size(picture);
  if (!arguments.filter.empty()) picture.filter = filter_by_name(arguments.filter);
  if (!arguments.crop_rounding.empty())
    picture.centring = arguments.crop_rounding == "floor" ? Centring::Floor : Centring::HalfEven;
  if (!arguments.fill.empty()) picture.fill = colour_of(arguments.fill);
  if (!arguments.orientation.empty())
    picture.orientation =
        arguments.orientation == "apply" ? Orientation::Apply : Orientation::Ignore;
  if (!arguments.rescale.empty()) picture.rescale = factor_of(arguments.rescale);
  // Means of pixels that are not rescaled are as large as these.
  if (!arguments.mean.empty())
    picture.mean =
        three_of("--mean", arguments.mean, -1e4f, 1e4f, "give the mean of pixel * rescale");
  if (!arguments.std.empty())
    picture.std = three_of("--std", arguments.std, 1e-3f, 1e4f,
                           "give the standard deviation of pixel * rescale");
  return out;
}

}  // namespace vitro::host

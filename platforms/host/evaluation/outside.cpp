// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/outside.h"

#include <array>
#include <cstdio>

#include "converter/base/error.h"

namespace vitro::host {

namespace {

class Expected : public OutsideLogits {
 public:
  Expected(const std::string& npy, size_t photos, size_t classes)
      : OutsideLogits("expected", npy), reader_(npy) {
    const std::string shape =
        std::to_string(reader_.rows()) + " rows of " + std::to_string(reader_.cols());
    if (reader_.cols() != classes)
      throw InputError(
          npy,
          "has " + shape + " logits, but the program has " + std::to_string(classes) + " classes",
          "give the logits of the same model");
    if (reader_.rows() != photos)
      throw InputError(
          npy, "has " + shape + " logits, but there are " + std::to_string(photos) + " photos",
          "give one row for each photo, in the order of the CSV or of the listing");
    std::vector<float> row(classes);
    for (size_t i = 0; i < photos; ++i)
      reader_.read_row(i, row.data());  // refused now, not after an hour
  }

  std::vector<float> logits(size_t index, const std::string&, const std::vector<uint8_t>&,
                            size_t) override {
    std::vector<float> row(reader_.cols());
    reader_.read_row(index, row.data());
    return row;
  }

 private:
  NpyReader reader_;
};

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

template <class T>
std::string text(const T (&three)[3]) {
  return text(static_cast<double>(three[0])) + "," + text(static_cast<double>(three[1])) + "," +
         text(static_cast<double>(three[2]));
}

std::string text(ResizeMode mode) {
  constexpr std::array<const char*, 5> kNames = {"shorter side", "longer side", "exact", "none",
                                                 "cover"};
  return kNames[static_cast<size_t>(mode)];
}

std::string size_text(const Preprocessing& p) {
  return std::to_string(p.resize_width) + "x" + std::to_string(p.resize_height);
}

std::string rescale_text(const Preprocessing& p) {
  return p.rescale == 1.0f / 255 ? "1/255" : text(static_cast<double>(p.rescale));
}

}  // namespace

std::unique_ptr<OutsideLogits> read_expected(const std::string& npy, size_t photos,
                                             size_t classes) {
  return std::make_unique<Expected>(npy, photos, classes);
}

std::vector<Difference> preprocessing_differences(const Preprocessing& program,
                                                  const Preprocessing& reference) {
  std::vector<Difference> out;
  const auto compare = [&](const char* name, const std::string& a, const std::string& b) {
    if (a != b) out.push_back({name, a, b});
  };
  compare("resize mode", text(program.mode), text(reference.mode));
  compare("resize", size_text(program), size_text(reference));
  compare("filter", name_of(program.filter), name_of(reference.filter));
  compare("centring", program.centring == Centring::Floor ? "floor" : "half to even",
          reference.centring == Centring::Floor ? "floor" : "half to even");
  compare("order of passes", program.passes == PassOrder::RowsFirst ? "rows first" : "Pillow 13's",
          reference.passes == PassOrder::RowsFirst ? "rows first" : "Pillow 13's");
  compare("fill", text(program.fill), text(reference.fill));
  compare("orientation", program.orientation == Orientation::Apply ? "applied" : "ignored",
          reference.orientation == Orientation::Apply ? "applied" : "ignored");
  compare("rescale", rescale_text(program), rescale_text(reference));
  compare("mean", text(program.mean), text(reference.mean));
  compare("std", text(program.std), text(reference.std));
  return out;
}

}  // namespace vitro::host

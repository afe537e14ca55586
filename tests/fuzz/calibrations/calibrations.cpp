// SPDX-License-Identifier: Apache-2.0
// Saved calibrations: they are read and checked against a model. If one passes, the model is
// converted with it, and the program must open and compute the same everywhere. Mutations work on
// the object form.
#include <cstring>

#include "converter/base/error.h"
#include "converter/calibration/calibration_generated.h"
#include "tests/fuzz/calibrations/model.h"
#include "tests/fuzz/programs/agree.h"
#include "tests/fuzz/support/choices.h"
#include "tests/fuzz/support/target.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace vitro::fuzz {

namespace {

void damage(std::vector<float>& values, Choices& c) {
  if (values.empty()) return;
  switch (c.below(6)) {
    case 0:
      for (float& value : values) value = odd_float(c);
      return;
    case 1: return values.resize(c.below(values.size() + 2));
    case 2:
      for (float& value : values) value = std::ldexp(value, static_cast<int>(c.between(-90, 90)));
      return;
    default: c.of(values) = odd_float(c);
  }
}

void damage(std::vector<int16_t>& values, Choices& c) {
  const size_t kind = c.below(3);
  for (int16_t& value : values)
    if (kind == 0 || c.one_in(8))
      value = static_cast<int16_t>(kind == 1 ? (c.one_in(2) ? 32767 : -32768) : c.next());
  if (c.one_in(20)) values.resize(c.below(values.size() + 2));
}

void damage(saved::NodeT& node, Choices& c) {
  switch (c.below(9)) {
    case 0: return damage(node.mean, c);
    case 1: return damage(node.lowest, c);
    case 2: return damage(node.highest, c);
    case 3:
      if (node.moments) damage(node.moments->mean, c);
      return;
    case 4:
      if (node.moments) damage(node.moments->deviation, c);
      return;
    case 5:
      if (node.moments) damage(node.moments->correlation, c);
      return;
    case 6:
      if (node.range) (c.one_in(2) ? node.range->lowest : node.range->highest) = odd_float(c);
      return;
    case 7:
      if (c.one_in(4)) node.moments.reset();
      return;
    default:
      if (c.one_in(4)) node.range.reset();
  }
}

void damage(saved::CalibrationT& saved, Choices& c) {
  switch (c.below(12)) {
    case 0: saved.recipe = static_cast<uint32_t>(odd_size(c, saved.recipe)); return;
    case 1: saved.static_scales = !saved.static_scales; return;
    case 2: saved.pictures = static_cast<uint32_t>(odd_size(c, saved.pictures)); return;
    case 3: return damage(c.one_in(2) ? saved.mean : saved.std, c);
    case 4: saved.resize = static_cast<uint32_t>(odd_size(c, saved.resize)); return;
    case 5: saved.mode = static_cast<uint8_t>(c.below(8)); return;
    case 6:
      if (!saved.nodes.empty() && c.one_in(4)) saved.nodes.pop_back();
      return;
    default:
      if (!saved.nodes.empty()) damage(*c.of(saved.nodes), c);
  }
}

void convert_with(const CalibratedModel& model, const SavedCalibration& saved) {
  ConvertOptions options;
  options.static_scales = saved.calibration.static_scales;
  const ConvertResult result = convert(model.checkpoint, model.graph, saved, options, {});
  require(check_program(result.file.data(), result.file.size()) == Verdict::agreed,
          "an accepted calibration gives a program that does not open");
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  using namespace vitro;
  using namespace vitro::fuzz;
  static const Folder folder;
  static const CalibratedModel model = calibrated_model();
  const std::string path = folder.write("x.calibration", text_of(data, size));
  try {
    const SavedCalibration saved = read_calibration(path, model.checkpoint.sha256);
    check_fit(path, saved.calibration, model.graph);
    convert_with(model, saved);
  } catch (const InputError&) {
  }
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  using namespace vitro;
  fuzz::Choices choices(seed);
  flatbuffers::Verifier structure(data, size);
  if (choices.one_in(8) || size < 16 || !saved::VerifyCalibrationBuffer(structure))
    return LLVMFuzzerMutate(data, size, max_size);
  saved::CalibrationT calibration;
  saved::GetCalibration(data)->UnPackTo(&calibration);
  for (size_t n = 1 + choices.below(4); n > 0; --n) fuzz::damage(calibration, choices);
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  saved::FinishCalibrationBuffer(builder, saved::Calibration::Pack(builder, &calibration));
  if (builder.GetSize() > max_size) return size;
  std::memcpy(data, builder.GetBufferPointer(), builder.GetSize());
  return builder.GetSize();
}

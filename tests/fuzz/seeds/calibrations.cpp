// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iterator>

#include "tests/fuzz/calibrations/model.h"
#include "tests/fuzz/seeds/seeds.h"

namespace vitro::fuzz {

void make_calibration_seeds(const std::string& folder) {
  const Seeds seeds(folder, "calibrations");
  const CalibratedModel model = calibrated_model();
  const Preprocessing& preprocessing = model.graph.preprocessing;
  Pictures pictures(4, std::vector<uint8_t>(picture_bytes(preprocessing)));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(100 + i), pictures[i].data(), pictures[i].size());
  for (const bool is_static : {false, true}) {
    ConvertOptions options;
    options.static_scales = is_static;
    const ConvertResult result = convert(model.checkpoint, model.graph, pictures, options, {});
    SavedCalibration saved;
    saved.checkpoint_sha256 = model.checkpoint.sha256;
    saved.preprocessing = preprocessing;
    saved.calibration = result.calibration;
    saved.layers = result.layers;
    const std::filesystem::path path =
        std::filesystem::path(folder) / "calibrations" / (is_static ? "static" : "dynamic");
    OutputFile file(path.string());
    write_calibration(file, saved, model.graph);
    file.commit();
  }
}

}  // namespace vitro::fuzz

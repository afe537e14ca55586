// SPDX-License-Identifier: Apache-2.0
// One reader for each format; checkpoint.cpp chooses by the file's first bytes.
#pragma once

#include <string>

#include "converter/checkpoint/checkpoint.h"
#include "converter/checkpoint/weights_file.h"
#include "converter/checkpoint/zip.h"

namespace vitro::converter {

/// Reads a file of any format but an index of shards. Throws InputError as read_checkpoint() does.
Checkpoint read_weights(WeightsFile& file, const std::string& state);

Checkpoint read_safetensors(WeightsFile& file);

/// An archive of .npy files.
Checkpoint read_npz(WeightsFile& file, const ZipArchive& archive);

/// torch.save()'s archive; `state` as in read_checkpoint().
Checkpoint read_torch_zip(WeightsFile& file, const ZipArchive& archive, const std::string& state);

/// torch.save()'s format of before 1.6: five pickles, then the storages.
Checkpoint read_torch_legacy(WeightsFile& file, const std::string& state);

/// A TensorFlow checkpoint's index, NAME.index; the numbers lie beside it.
Checkpoint read_tensor_bundle(WeightsFile& index);

/// An index of shards: {"weight_map": {tensor: file beside the index}}.
Checkpoint read_shards(WeightsFile& index, const std::string& state);

}  // namespace vitro::converter

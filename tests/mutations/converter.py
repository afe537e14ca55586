# SPDX-License-Identifier: Apache-2.0
"""Mutations of passes, calibration, quantisation and reports, and of reading models.

name: (file, text, mutated text, targets of the tests, filter of its cases[, preset: host-release unless given])
"""

MUTATIONS = {
    "a saved std is not read": (
        "converter/calibration/calibration.cpp", "  std::copy(file.std.begin(), file.std.end(), out.preprocessing.std);\n", "",
        "calibration_test", "*"),
    "a saved filter is another": (
        "converter/calibration/calibration.cpp", "p.filter = static_cast<ResizeFilter>(file.filter);",
        "p.filter = static_cast<ResizeFilter>(file.filter ^ 1);", "calibration_test", "*"),
    "a calibration's layers may share their texts": (
        "converter/calibration/calibration.cpp", "for (const saved::Layer* layer : *file.layers()) add(layer->name());\n", "",
        "calibration_test", "*Share*"),
    "a saved SQNR of any size": (
        "converter/calibration/calibration.cpp", "!(std::abs(layer.sqnr_db) <= kLargestSqnr)", "!(std::abs(layer.sqnr_db) <= kLargestSqnr + 1)",
        "calibration_test", "*Belong*"),
    "shards of one tensor more than a file": (
        "converter/checkpoint/shards.cpp", "        kMaxTensors)", "        kMaxTensors + 1)", "checkpoint_test", "*Shards*"),
    "a shard that is another one's file": (
        "converter/checkpoint/shards.cpp", "if (!hashes.insert(shard.sha256).second)", "if (hashes.empty())", "checkpoint_test", "*Shards*"),
    "GPTQ in the order of rising variance": (
        "converter/quantise/gptq.cpp", "moments.covariance[a * k + a] > moments", "moments.covariance[a * k + a] < moments", "quantise_test", "Gptq.*"),
    "heads not rotated": (
        "converter/passes/rotate.cpp", "Rotation head_rotation(size_t n) {\n",
        "Rotation head_rotation(size_t n) {\n  if (n > 0) {\n    Rotation one(n * n, 0.0);\n"
        "    for (size_t i = 0; i < n; ++i) one[i * n + i] = 1;\n    return one;\n  }\n", "passes_test", "Rotate.*:Statistics.*"),
    "no bias correction": (
        "converter/nodes/linear.cpp", "of_one_row ? linear.bias : corrected_bias(weights, moments.mean, l.statistics(f.node).mean)", "linear.bias",
        "convert_test", "*"),
    "no headroom in the residual stream": (
        "converter/quantise/units.cpp", "kStreamHeadroom = 1.5f", "kStreamHeadroom = 1.0f", "convert_test", "*"),
    "the table of layers doubled": (
        "converter/report/layers.cpp", "10 * std::log10", "20 * std::log10", "convert_test", "*"),
    "a norm in the picture's step whoever else reads the rows": (
        "converter/passes/fuse.cpp", " && readers_.only(from.value) == norm.node", "", "passes_test", "Fuse.*"),
    "tables shared by their length": (
        "converter/draft/draft.cpp", "std::string(static_cast<const char*>(bytes), count)", "std::string(count, 0)", "nodes_test", "Windows.*"),
    "padded rows in the wrong place": (
        "converter/passes/pad.cpp", "out.row(n / part * wider + n % part)", "out.row(n)", "passes_test", "Pad.*"),
    "padding without the mean taken out": (
        "converter/passes/pad.cpp", "if (centred) centre_value(node);", "if (centred && set.cols == 0) centre_value(node);", "passes_test", "Pad.*"),
    "tensors of one family with the config.json of another": (
        "models/families.cpp", "      if (is_of(*other, said.value))\n", "      if (other == nullptr)\n", "models_test", "SwinModels.*"),
    "timm's architectures of any family": (
        "models/families.cpp", "return of.timm(name).known;", "return !name.empty() || of.timm(name).known;", "model_folders_test", "Families.*"),
    "an architecture's windows forgotten": (
        "models/config/shape.cpp", "kMaxPixels))\n    config.trained_windows", "kMaxPixels); true)\n    config.trained_windows", "models_test", "SwinV2.*"),
    "positions resampled as in timm, whoever named them": (
        "models/vit/family.cpp", "!registers ? Resampling::OfFour", "!registers ? Resampling::Antialiased", "model_folders_test", "ModelConfigTest.*"),
    "positions resampled with another cubic": (
        "models/vit/positions.cpp", "kA = -0.75", "kA = -0.5", "models_test", "Positions.*"),
    "DINOv3 with GELU alone": (
        "models/dinov3/family.cpp", "dino.activation = activation_of(activation.value);",
        "dino.activation = dino.gated ? Activation::SwiGlu : Activation::Gelu;", "models_test", "DinoV3.*"),
    "zeros for what a block lacks": (
        "models/names/tensors.cpp", "of_any_block_.count(of_any_block(name)) != 0", "has(name)", "models_test", "SwinModels.*:Cait.*"),
    "zeros for what a stage lacks": (
        "models/names/tensors.cpp", ' && before != "stages."', "", "models_test", "SwinModels.*:Cait.*"),
    "blocks of a table over each other by a byte": (
        "converter/checkpoint/sorted_table.cpp", "if (one.offset < read_to)", "if (one.offset + 1 < read_to)", "checkpoint_test", "TensorBundle.*"),
    "the same key twice in a table": (
        "converter/checkpoint/sorted_table.cpp", "entry.first <= all.back().first", "entry.first < all.back().first", "checkpoint_test", "TensorBundle.*"),
    "an entry shares a byte more than the key before has": (
        "converter/checkpoint/sorted_table.cpp", "shared > key.size() ||", "shared > key.size() + 1 ||", "checkpoint_test", "TensorBundle.*"),
    "numbers of more than 64 bits lose the highest": (
        "converter/checkpoint/sorted_table.cpp", "    if (shift == 63 && byte > 1) return false;\n", "", "checkpoint_test", "ByteReader.*"),
    "variables of a checkpoint over each other by a byte": (
        "converter/checkpoint/tensor_bundle.cpp", "entries[i]->offset < entries[i - 1]->offset", "entries[i]->offset + 1 < entries[i - 1]->offset",
        "checkpoint_test", "TensorBundle.*"),
    "a variable one byte beyond its file": (
        "converter/checkpoint/tensor_bundle.cpp", "entry.size > shards_[entry.shard]->size() - entry.offset",
        "entry.size > shards_[entry.shard]->size() - entry.offset + 1", "checkpoint_test", "TensorBundle.*"),
    "an optimizer's slots are weights": (
        "converter/checkpoint/tensor_bundle.cpp", "name.find(kSlot) != std::string::npos || dtype", "dtype", "checkpoint_test", "TensorBundle.*"),
    "a variable of another checksum": (
        "converter/checkpoint/tensor_bundle.cpp", "!= entry.crc)", "!= entry.crc && entry.crc == 0)", "checkpoint_test", "TensorBundle.*"),
    "a file that cannot be looked at counts as absent": (
        "converter/base/input_file.cpp", "if (fault == ENOENT || fault == ENOTDIR) return Found::Nothing;",
        "if (fault != EIO) return Found::Nothing;", "files_test", "InputFiles*"),
}

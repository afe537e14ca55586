// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/checkpoint.h"

#include <algorithm>
#include <filesystem>

#include "converter/base/error.h"
#include "converter/checkpoint/foreign.h"
#include "converter/checkpoint/formats.h"
#include "converter/checkpoint/sorted_table.h"

namespace vitro::converter {
namespace {

constexpr size_t kHeadBytes = 512;

Checkpoint read_zip(WeightsFile& file, const std::string& state) {
  const ZipArchive archive = read_zip_directory(file);
  bool arrays = !archive.empty(), pickled = false;
  for (const auto& named : archive) {
    const std::string& name = named.first;
    arrays = arrays && name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0;
    pickled = pickled || name == "data.pkl" ||
              (name.size() > 9 && name.compare(name.size() - 9, 9, "/data.pkl") == 0);
  }
  if (arrays) return read_npz(file, archive);
  if (pickled) return read_torch_zip(file, archive, state);
  if (archive.empty()) file.refuse("is an empty zip archive", kRemedyDamaged);
  file.refuse("is a zip archive of other things (" + in_quotes(archive.begin()->first) + " ...)",
              "unpack it and give the file of weights in it");
}

/// Eight bytes of a number that is no larger than a header, and then JSON.
bool looks_like_safetensors(const std::string& head) {
  return head.size() > 8 && head[8] == '{' && head[4] == 0 && head[5] == 0 && head[6] == 0 &&
         head[7] == 0;
}

/// "model-00002-of-00003.safetensors"
void refuse_lone_shard(const WeightsFile& file) {
  const std::string stem = std::filesystem::path(file.path()).stem().string();
  const size_t of = stem.rfind("-of-"),
               dash = of == std::string::npos || of == 0 ? of : stem.rfind('-', of - 1);
  if (of == std::string::npos || dash == std::string::npos) return;
  const std::string number = stem.substr(dash + 1, of - dash - 1), count = stem.substr(of + 4);
  const auto is_number = [](const std::string& text) {
    return !text.empty() && text.size() <= 6 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!is_number(number) || !is_number(count) || std::stoi(count) < 2) return;
  file.refuse(
      "is shard " + std::to_string(std::stoi(number)) + " of " + std::to_string(std::stoi(count)),
      "give the folder, or the index (*.index.json) beside it");
}

/// "ckpt-100000.data-00000-of-00001"
void refuse_tensorflow_numbers(const WeightsFile& file) {
  const std::string name = std::filesystem::path(file.path()).filename().string();
  const size_t ending = name.rfind(".data-");
  if (ending == std::string::npos || name.find("-of-", ending) == std::string::npos) return;
  file.refuse("holds the numbers of a TensorFlow checkpoint, without their names",
              "give " + in_quotes(name.substr(0, ending) + ".index") + ", which belongs beside it");
}

}  // namespace

Checkpoint read_weights(WeightsFile& file, const std::string& state) {
  const std::string head =
      file.read(0, static_cast<size_t>(std::min<uint64_t>(file.size(), kHeadBytes)));
  const auto starts_with = [&](const std::string& text) {
    return head.compare(0, text.size(), text) == 0;
  };
  if (!looks_like_safetensors(head)) {
    if (starts_with(std::string("PK\x03\x04", 4)) || starts_with(std::string("PK\x05\x06", 4)))
      return read_zip(file, state);
    if (starts_with("\x80") && head.size() > 1 && head[1] >= 2 && head[1] <= 5)
      return read_torch_legacy(file, state);
    const ForeignFile foreign = recognise_foreign(head);
    if (!foreign.fault.empty()) file.refuse(foreign.fault, foreign.remedy);
  }
  Checkpoint checkpoint = read_safetensors(file);
  checkpoint.state = state;
  return checkpoint;
}

Checkpoint read_checkpoint(const std::string& path, const std::string& state) {
  WeightsFile file(path);
  if (is_sorted_table(file)) return read_tensor_bundle(file);
  refuse_tensorflow_numbers(file);
  if (file.read(0, 1) == "{") return read_shards(file, state);
  refuse_lone_shard(file);
  return read_weights(file, state);
}

}  // namespace vitro::converter

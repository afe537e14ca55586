// SPDX-License-Identifier: Apache-2.0
// torch.save()'s files, new and old. What the pickle in them may hold is in pickle.h.
#include <algorithm>
#include <cstring>
#include <map>

#include "converter/base/error.h"
#include "converter/checkpoint/formats.h"
#include "converter/checkpoint/pickle.h"
#include "converter/checkpoint/pickle_objects.h"
#include "converter/checkpoint/torch_state.h"

namespace vitro::converter {
namespace {

constexpr uint64_t kMaxPickleBytes = 64'000'000;  // 100,000 tensors take a half of it

PickleRefusal refusal_of(const WeightsFile& file) {
  return
      [&file](const std::string& fault, const std::string& remedy) { file.refuse(fault, remedy); };
}

/// The pickles before the storages of an old file, one after the other.
class LegacyReader {
 public:
  explicit LegacyReader(WeightsFile& file)
      : file_(file),
        head_(file.read(0, static_cast<size_t>(std::min(file.size(), kMaxPickleBytes)))) {}

  Checkpoint read(const std::string& state) {
    // 0x1950a86a20f9469cfc6c, as LONG1 keeps it
    constexpr char kMagic[] = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    const Pickle magic = next();
    if (magic.at(magic.root).kind != PickleKind::Bytes || magic.at(magic.root).text != kMagic)
      file_.refuse("is a pickle, but none of torch.save", kRemedyWeights);
    const Pickle version = next();
    if (version.at(version.root).number != 1001)
      file_.refuse("was written by an unknown version of torch.save", kRemedyWeights);
    check_byte_order(next());
    const Pickle pickle = next();
    place_storages(pickle, next());
    Checkpoint checkpoint =
        torch_checkpoint(file_, pickle, state, [&](const std::string& key, uint64_t bytes) {
          const auto at = places_.find(key);
          if (at == places_.end()) file_.refuse("lacks storage " + in_quotes(key), kRemedyDamaged);
          return file_.read(at->second, static_cast<size_t>(bytes));
        });
    checkpoint.sha256 = file_.sha256();
    return checkpoint;
  }

 private:
  Pickle next() {
    Pickle pickle = read_pickle(head_.data() + at_, head_.size() - at_, refusal_of(file_));
    at_ += pickle.bytes;
    return pickle;
  }

  void check_byte_order(const Pickle& info) const {
    const PickleValue& dict = info.at(info.root);
    for (size_t i = 0; dict.kind == PickleKind::Dict && i + 1 < dict.items.size(); i += 2) {
      if (info.at(dict.items[i]).text == "little_endian" &&
          info.at(dict.items[i + 1]).number == 0) {
        file_.refuse("was saved on a big-endian machine", "load it with PyTorch and save it again");
      }
    }
  }

  /// Each storage is its number of elements and then these, in the order of the keys.
  void place_storages(const Pickle& pickle, const Pickle& keys) {
    std::map<std::string, const PickleStorage*> storages;
    for (const PickleStorage& storage : pickle.storages) storages.emplace(storage.key, &storage);
    const PickleValue& list = keys.at(keys.root);
    if (list.kind != PickleKind::List) file_.refuse("has no list of its storages", kRemedyDamaged);
    uint64_t at = at_;
    for (const uint32_t item : list.items) {
      const auto storage = storages.find(keys.at(item).text);
      if (storage == storages.end())
        file_.refuse("has a storage that no tensor uses", kRemedyDamaged);
      const PickleStorage& known = *storage->second;
      if (known.width == 0)
        file_.refuse("has tensors of " + in_quotes(known.type), "save the weights as float32");
      uint64_t elements;
      char bytes[8];
      file_.read(at, bytes, 8);
      std::memcpy(&elements, bytes, 8);
      at += 8;
      if (elements != known.elements || elements > (file_.size() - at) / known.width)
        file_.refuse("has a storage of another size than it says", kRemedyDamaged);
      if (!places_.emplace(known.key, at).second)
        file_.refuse("has storage " + in_quotes(known.key) + " twice", kRemedyDamaged);
      at += elements * known.width;
    }
  }

  WeightsFile& file_;
  const std::string head_;
  size_t at_ = 0;
  std::map<std::string, uint64_t> places_;  // of the storages' numbers in the file, by key
};

}  // namespace

Checkpoint read_torch_zip(WeightsFile& file, const ZipArchive& archive, const std::string& state) {
  std::string root;
  for (const auto& named : archive) {
    const size_t slash = named.first.find('/');
    if (slash != std::string::npos && named.first.substr(slash) == "/data.pkl")
      root = named.first.substr(0, slash + 1);
  }
  if (archive.count(root + "constants.pkl") || archive.count(root + "code/__torch__.py")) {
    file.refuse("is a TorchScript program, not a file of weights",
                "save its weights: torch.save(torch.jit.load(PATH).state_dict(), OTHER)");
  }
  const auto pickled = archive.find(root + "data.pkl");
  if (pickled == archive.end())
    file.refuse("is a zip archive that torch.save did not write", kRemedyWeights);
  if (pickled->second.size > kMaxPickleBytes)
    file.refuse("has a pickle of " + std::to_string(pickled->second.size) +
                    " bytes, more than a state_dict has",
                kRemedyWeights);
  const auto order = archive.find(root + "byteorder");
  if (order != archive.end()) {
    const std::string text =
        read_zip_entry(file, order->first, order->second,
                       static_cast<size_t>(std::min<uint64_t>(order->second.size, 16)));
    if (text != "little")
      file.refuse("was saved on a big-endian machine (byteorder " + in_quotes(text) + ")",
                  "load it with PyTorch and save it again");
  }
  const std::string bytes = read_zip_entry(file, pickled->first, pickled->second);
  const Pickle pickle = read_pickle(bytes.data(), bytes.size(), refusal_of(file));
  Checkpoint checkpoint =
      torch_checkpoint(file, pickle, state, [&](const std::string& key, uint64_t size) {
        const auto entry = archive.find(root + "data/" + key);
        if (entry == archive.end()) file.refuse("lacks storage " + in_quotes(key), kRemedyDamaged);
        if (entry->second.size != size) {
          file.refuse("has storage " + in_quotes(key) + " of " +
                          std::to_string(entry->second.size) + " bytes where its pickle says " +
                          std::to_string(size),
                      kRemedyDamaged);
        }
        return read_zip_entry(file, entry->first, entry->second);
      });
  checkpoint.sha256 = file.sha256();
  return checkpoint;
}

Checkpoint read_torch_legacy(WeightsFile& file, const std::string& state) {
  return LegacyReader(file).read(state);
}

}  // namespace vitro::converter

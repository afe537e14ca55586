// SPDX-License-Identifier: Apache-2.0
// Writers of the containers of weights, by the definition of each format: zip, torch.save's (new
// and old), NumPy's.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "converter/checkpoint/checkpoint.h"

namespace vitro {

using namespace converter;

using Files = std::vector<std::pair<std::string, std::string>>;

std::string zip_of(const Files& files, bool deflated = false);

/// Little-endian.
std::string bytes_of(uint64_t number, size_t width);
/// SHORT_BINUNICODE or BINUNICODE
std::string pickled_text(const std::string& text);
std::string pickled_number(uint64_t number);
/// A float32 tensor in the storage `key`, which has `elements` numbers. Its strides are those of a
/// contiguous tensor unless they are given.
std::string pickled_tensor(const std::string& key, uint64_t elements,
                           const std::vector<size_t>& shape, uint64_t offset = 0,
                           std::vector<size_t> strides = {});
/// The items of a dictionary, each a pickled key and value.
std::string pickled_dict(const std::string& items);
/// PROTO, the value, STOP.
std::string pickle_of(const std::string& value);
/// A dictionary of tensors: the N-th by name has the storage with the key N. It is wrapped in
/// dictionaries with the names `outside`, the outermost first.
std::string pickled_state(const Checkpoint& checkpoint,
                          const std::vector<std::string>& outside = {});

std::string torch_zip(const std::string& pickle, const Files& storages);
std::string torch_zip(const Checkpoint& checkpoint, const std::vector<std::string>& outside = {});
std::string torch_legacy(const Checkpoint& checkpoint);

std::string npy_of(const std::string& descr, bool fortran_order, const std::string& shape,
                   const std::string& data);
std::string npz_of(const Checkpoint& checkpoint, bool deflated);

}  // namespace vitro

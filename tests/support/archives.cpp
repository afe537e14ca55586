// SPDX-License-Identifier: Apache-2.0
#include "tests/support/archives.h"

#include <zlib.h>

namespace vitro {

using namespace converter;

namespace {

std::string floats_of(const CheckpointTensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size() * 4};
}

std::string deflate_raw(const std::string& bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string tuple_of(const std::vector<size_t>& numbers) {
  std::string text = "(";
  for (const size_t n : numbers) text += pickled_number(n);
  return text + "t";
}

}  // namespace

std::string bytes_of(uint64_t number, size_t width) {
  std::string bytes;
  for (size_t i = 0; i < width; ++i) bytes += static_cast<char>(i < 8 ? number >> 8 * i : 0);
  return bytes;
}

std::string zip_of(const Files& files, bool deflated) {
  std::string out, directory;
  for (const auto& [name, data] : files) {
    const std::string stored = deflated ? deflate_raw(data) : data;
    const std::string common =
        bytes_of(deflated ? 8 : 0, 2) + bytes_of(0, 4) +
        bytes_of(
            crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())),
            4) +
        bytes_of(stored.size(), 4) + bytes_of(data.size(), 4) + bytes_of(name.size(), 2);
    directory += "PK\x01\x02" + bytes_of(20, 2) + bytes_of(20, 2) + bytes_of(0, 2) + common +
                 bytes_of(0, 12) + bytes_of(out.size(), 4) + name;
    out +=
        "PK\x03\x04" + bytes_of(20, 2) + bytes_of(0, 2) + common + bytes_of(0, 2) + name + stored;
  }
  const size_t begin = out.size();
  return out + directory + "PK\x05\x06" + bytes_of(0, 4) + bytes_of(files.size(), 2) +
         bytes_of(files.size(), 2) + bytes_of(directory.size(), 4) + bytes_of(begin, 4) +
         bytes_of(0, 2);
}

std::string pickled_text(const std::string& text) { return "X" + bytes_of(text.size(), 4) + text; }

std::string pickled_number(uint64_t number) { return "\x8a\x08" + bytes_of(number, 8); }

std::string pickled_tensor(const std::string& key, uint64_t elements,
                           const std::vector<size_t>& shape, uint64_t offset,
                           std::vector<size_t> strides) {
  for (size_t d = strides.empty() ? shape.size() : 0; d-- > 0;)
    strides.insert(strides.begin(), strides.empty() ? 1 : strides[0] * shape[d + 1]);
  const std::string storage = "(" + pickled_text("storage") + "ctorch\nFloatStorage\n" +
                              pickled_text(key) + pickled_text("cpu") + pickled_number(elements) +
                              "tQ";
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + pickled_number(offset) +
         tuple_of(shape) + tuple_of(strides) +
         "\x89"
         "ccollections\nOrderedDict\n)RtR";
}

std::string pickled_dict(const std::string& items) { return "}(" + items + "u"; }

std::string pickle_of(const std::string& value) { return "\x80\x02" + value + "."; }

std::string pickled_state(const Checkpoint& checkpoint, const std::vector<std::string>& outside) {
  std::string items;
  size_t key = 0;
  for (const auto& [name, tensor] : checkpoint.tensors)
    items += pickled_text(name) +
             pickled_tensor(std::to_string(key++), tensor.data.size(), tensor.shape);
  std::string state = pickled_dict(items);
  for (size_t i = outside.size(); i-- > 0;) state = pickled_dict(pickled_text(outside[i]) + state);
  return state;
}

std::string torch_zip(const std::string& pickle, const Files& storages) {
  Files files{{"archive/data.pkl", pickle}, {"archive/byteorder", "little"}};
  for (const auto& [key, data] : storages) files.emplace_back("archive/data/" + key, data);
  files.emplace_back("archive/version", "3\n");
  return zip_of(files);
}

std::string torch_zip(const Checkpoint& checkpoint, const std::vector<std::string>& outside) {
  Files storages;
  for (const auto& named : checkpoint.tensors)
    storages.emplace_back(std::to_string(storages.size()), floats_of(named.second));
  return torch_zip(pickle_of(pickled_state(checkpoint, outside)), storages);
}

std::string torch_legacy(const Checkpoint& checkpoint) {
  std::string keys, storages;
  size_t key = 0;
  for (const auto& named : checkpoint.tensors) {
    keys += pickled_text(std::to_string(key++));
    storages += bytes_of(named.second.data.size(), 8) + floats_of(named.second);
  }
  return pickle_of("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + pickle_of("M\xe9\x03") +
         pickle_of(pickled_dict(pickled_text("little_endian") + "\x88")) +
         pickle_of(pickled_state(checkpoint)) + pickle_of("](" + keys + "e") + storages;
}

std::string npy_of(const std::string& descr, bool fortran_order, const std::string& shape,
                   const std::string& data) {
  std::string header = "{'descr': '" + descr +
                       "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  header.append((64 - (header.size() + 11) % 64) % 64, ' ') += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + bytes_of(header.size(), 2) + header + data;
}

std::string npz_of(const Checkpoint& checkpoint, bool deflated) {
  Files files;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    std::string shape = "(";
    for (const size_t n : tensor.shape) shape += std::to_string(n) + ", ";
    files.emplace_back(name + ".npy", npy_of("<f4", false, shape + ")", floats_of(tensor)));
  }
  return zip_of(files, deflated);
}

}  // namespace vitro

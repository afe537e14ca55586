// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/weights/container.h"

#include <algorithm>
#include <cstdlib>

namespace vitro::fuzz {

namespace {

constexpr size_t kMostEntries = 64;

std::string safetensors_of(const std::string& rest) {
  const size_t end = std::min(rest.find('\n'), rest.size());
  return bytes_of(end, 8) + rest.substr(0, end) +
         (end < rest.size() ? rest.substr(end + 1) : std::string());
}

Files entries_of(const std::string& rest) {
  Files files;
  for (size_t at = 0; at < rest.size() && files.size() < kMostEntries;) {
    const size_t line = rest.find('\n', at);
    if (line == std::string::npos) break;
    const size_t colon = rest.rfind(':', line);
    if (colon == std::string::npos || colon < at) break;
    const size_t size = std::strtoul(rest.c_str() + colon + 1, nullptr, 10);
    files.emplace_back(rest.substr(at, colon - at), rest.substr(line + 1, size));
    at = line + 1 + files.back().second.size();
  }
  return files;
}

}  // namespace

std::string file_of(const std::string& input) {
  if (input.empty()) return "";
  const std::string rest = input.substr(1);
  switch (input[0]) {
    case 's': return safetensors_of(rest);
    case 'z': return zip_of(entries_of(rest));
    case 'Z': return zip_of(entries_of(rest), true);
    default: return rest;
  }
}

std::string write_weights(const Folder& folder, const std::string& input) {
  if (input.empty() || input[0] != 't') return folder.write("weights.bin", file_of(input));
  Files entries = entries_of(input.substr(1));
  const std::string numbers = entries.empty() ? "" : entries[0].second;
  if (!entries.empty()) entries.erase(entries.begin());
  folder.write("weights.data-00000-of-00001", numbers);
  return folder.write("weights.index", table_of(entries));
}

std::string input_of_safetensors(const std::string& file) {
  uint64_t header = 0;
  for (size_t i = 8; i-- > 0;) header = header << 8 | static_cast<uint8_t>(file[i]);
  return "s" + file.substr(8, header) + "\n" + file.substr(8 + header);
}

std::string input_of_zip(const Files& files, bool deflated) {
  std::string input = deflated ? "Z" : "z";
  for (const auto& [name, bytes] : files)
    input += name + ":" + std::to_string(bytes.size()) + "\n" + bytes;
  return input;
}

std::string input_of_bundle(const Checkpoint& checkpoint) {
  const Bundle bundle = bundle_of(checkpoint);
  std::string input = "t:" + std::to_string(bundle.data.size()) + "\n" + bundle.data;
  for (const auto& [key, value] : bundle.entries)
    input += key + ":" + std::to_string(value.size()) + "\n" + value;
  return input;
}

}  // namespace vitro::fuzz

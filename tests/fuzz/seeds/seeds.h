// SPDX-License-Identifier: Apache-2.0
// The inputs with which fuzzing begins: small ones of every kind, which are generated, not stored.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace vitro::fuzz {

/// Writes FOLDER/TARGET/NAME.
class Seeds {
 public:
  Seeds(const std::string& folder, const std::string& target)
      : folder_(std::filesystem::path(folder) / target) {
    std::filesystem::create_directories(folder_);
  }
  void add(const std::string& name, const std::string& bytes) const {
    std::ofstream file(folder_ / name, std::ios::binary);
    file << bytes;
  }
  template <class Bytes>
  void add_bytes(const std::string& name, const Bytes& bytes) const {
    add(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

 private:
  std::filesystem::path folder_;
};

void make_firmware_seeds(const std::string& folder);
void make_list_seeds(const std::string& folder);
void make_picture_seeds(const std::string& folder);
void make_kernel_seeds(const std::string& folder);
void make_calibration_seeds(const std::string& folder);
void make_config_seeds(const std::string& folder);
void make_program_seeds(const std::string& folder);
void make_weights_seeds(const std::string& folder);
void make_text_seeds(const std::string& folder);
void make_signature_seeds(const std::string& folder);
void make_adapter_seeds(const std::string& folder);
void make_pickle_seeds(const std::string& folder);

}  // namespace vitro::fuzz

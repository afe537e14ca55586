// SPDX-License-Identifier: Apache-2.0
// The inputs with which fuzzing begins: small ones of every kind, which are generated, not stored.
#pragma once

#include <sys/stat.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace vitro::fuzz {

/// Writes FOLDER/TARGET/NAME. By the C library alone, because the memory sanitizer takes what
/// libstdc++'s streams and paths write for unwritten.
class Seeds {
 public:
  Seeds(const std::string& folder, const std::string& target) : folder_(folder + "/" + target) {
    mkdir(folder.c_str(), 0777);
    mkdir(folder_.c_str(), 0777);  // where there is none, no file can be written
  }
  void add(const std::string& name, const std::string& bytes) const {
    const std::string path = folder_ + "/" + name;
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    const bool written = file && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if (!file || std::fclose(file) != 0 || !written) throw std::runtime_error(path);
  }
  template <class Bytes>
  void add_bytes(const std::string& name, const Bytes& bytes) const {
    add(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

 private:
  std::string folder_;
};

void make_firmware_seeds(const std::string& folder);
void make_gallery_seeds(const std::string& folder);
void make_frame_seeds(const std::string& folder);
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

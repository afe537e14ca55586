// SPDX-License-Identifier: Apache-2.0
// Logits from outside, to compare the program's with: those of a file, or of the float model.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "converter/base/npy.h"
#include "converter/base/preprocessing.h"
#include "platforms/host/family_arguments.h"
#include "platforms/host/pictures/picture.h"

namespace vitro::host {

/// What makes a picture differ before the network sees it; for people.
struct Difference {
  std::string name, program, reference;
};

class OutsideLogits {
 public:
  virtual ~OutsideLogits() = default;
  /// Of photo `index`, whose file is `photo`, prepared for the program as `pixels`. Lanes may call
  /// at once, each with its own number.
  virtual std::vector<float> logits(size_t index, const std::string& photo,
                                    const std::vector<uint8_t>& pixels, size_t lane) = 0;

  const std::string& name() const { return name_; }  // "expected" or "reference"
  const std::string& file() const { return file_; }
  const std::vector<Difference>& differences() const { return differences_; }
  const std::vector<std::string>& assumed() const { return assumed_; }

 protected:
  OutsideLogits(const std::string& name, const std::string& file) : name_(name), file_(file) {}

  std::string name_, file_;
  std::vector<Difference> differences_;  // of the reference's preprocessing from the program's
  std::vector<std::string>
      assumed_;  // settings that the reference does not say, and the program's stand in for
};

/// --expect: one row for each photo. Throws InputError on another number of rows or classes, and on
/// rows that are no finite numbers.
std::unique_ptr<OutsideLogits> read_expected(const std::string& npy, size_t photos, size_t classes);

struct ReferenceOptions {
  std::string path;        // a folder or a file, as 'vitro convert' takes it
  FamilyArguments family;  // this and all below: as the options of 'vitro convert'
  std::string lora, prompts;
  PixelSize image_size;
};

/// --reference: the float model with its own preprocessing, in float32. Throws InputError, also in
/// builds without the converter.
std::unique_ptr<OutsideLogits> read_reference(const ReferenceOptions& options,
                                              const Preprocessing& program, size_t classes,
                                              size_t lanes);

/// What of `reference` differs from `program`; both have the same picture size.
std::vector<Difference> preprocessing_differences(const Preprocessing& program,
                                                  const Preprocessing& reference);

}  // namespace vitro::host

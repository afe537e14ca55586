// SPDX-License-Identifier: Apache-2.0
// A program file, read and verified, with what the tool tells about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "converter/base/aligned_bytes.h"
#include "converter/graph/graph.h"
#include "platforms/host/signature/signature.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.hpp"

namespace vitro::host {

/// In memory of its own: the bytes that were verified are those that run, whatever happens to the
/// file.
class ProgramFile {
 public:
  /// Verifies: the signature, where one is demanded, before anything else, and the digest,
  /// where there is one. Throws InputError.
  explicit ProgramFile(const std::string& path,
                       const std::optional<SignedBy>& demanded = required_signature());
  ProgramFile(const ProgramFile&) = delete;
  ProgramFile& operator=(const ProgramFile&) = delete;

  const Program& program() const { return program_; }
  const schema::Program& schema() const { return *schema::GetProgram(data_.data()); }
  const std::string& path() const { return path_; }
  /// The file as it is, with the trailer of a signed one; the program starts where it does.
  size_t size() const { return data_.size(); }
  size_t program_bytes() const { return program_.get()->size; }
  const std::optional<Signature>& signature() const { return signature_; }
  /// Whether it says what its bytes are, which then are those; programs of before do not.
  bool has_digest() const { return has_digest_; }
  Preprocessing preprocessing() const;

 private:
  std::string path_;
  AlignedBytes data_;
  bool has_digest_ = false;
  std::optional<Signature> signature_;
  Program program_;
};

struct OpInfo {
  size_t step;
  std::string op, name;
  vitro_work_info work;
};

std::vector<OpInfo> list_ops(const Program& program);

/// {counter, key_sha256, verified}, or null of an unsigned file.
nlohmann::ordered_json describe_signature(const ProgramFile& file);
nlohmann::ordered_json describe_provenance(const schema::Program& program);

/// "logits", "features", "map", "labels", "boxes".
const char* name_of(vitro_output_kind kind);
/// [{name, kind, rows, cols, bytes}] in the program's order.
nlohmann::ordered_json describe_outputs(const Program& program);
/// "logits 'logits', features 'patches'": for sentences.
std::string list_outputs(const Program& program);

}  // namespace vitro::host

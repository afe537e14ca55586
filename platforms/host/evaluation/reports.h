// SPDX-License-Identifier: Apache-2.0
// An evaluation for people, for programs and for a browser.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "converter/base/write_file.h"
#include "platforms/host/evaluation/result.h"

namespace vitro::host {

/// The keys are listed in README.md. per_class and confusion: with these tables.
nlohmann::ordered_json eval_json(const EvalResult& result, bool per_class, bool confusion);

/// Lines for the terminal.
std::string eval_text(const EvalResult& result, bool per_class);

/// One self-contained page with the confusion matrix as a picture.
std::string eval_html(const EvalResult& result);

/// The confusion matrix of the classes that occur: labels in rows, predictions in columns.
std::string confusion_csv(const EvalResult& result);

/// The CSV of photos, one line for each, as they come.
class PhotosCsv {
 public:
  PhotosCsv(const std::string& path, const PhotoSet& photos, const ClassNames& classes,
            const std::vector<std::unique_ptr<OutsideLogits>>& outside);
  void add(const PhotoAnswer& answer);
  /// Still to be committed.
  OutputFile& file() { return file_; }

 private:
  OutputFile file_;
  size_t fields_ = 0;  // before the fault
  const PhotoSet& photos_;
  const ClassNames& classes_;
};

}  // namespace vitro::host

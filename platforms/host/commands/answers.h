// SPDX-License-Identifier: Apache-2.0
// Where the answers of `vitro run` go, one by one as they come: to people, as JSON, CSV or .npy.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>
#include "converter/base/write_file.h"

#include "platforms/host/gallery/neighbours.h"
#include "platforms/host/inference.h"

namespace vitro::host {

struct Named {
  size_t index;  // of the class
  float probability;
};

struct Answer {
  size_t row;         // how many answers came before; the row of its logits in --logits
  std::string image;  // as it was named, or found in a folder
  std::vector<std::vector<float>> outputs;  // as the program has them
  std::vector<Neighbour> nearest;           // in a gallery, if there is one
  // The most probable first. Empty of a program without logits, and of a gallery without classes.
  // With a gallery the probabilities are shares of its votes.
  std::vector<Named> top;
  double milliseconds;  // of the inference alone
};

/// What is the same for all answers.
struct RunFacts {
  const ProgramFile& file;
  std::string isa, linear;
  size_t threads, top;                     // top: answers for each picture
  std::map<std::string, size_t> left_out;  // by kind, as PictureList has it
  std::map<size_t, std::string> saved;     // by an output's index: the .npy file that it goes to
  bool values;                             // in JSON, too
  const Gallery* gallery;                  // null: none

  size_t classes() const;                 // of the answers
  std::string label(size_t index) const;  // "class 7" where the program has no labels
};

class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual void answer(const Answer& answer) = 0;
  /// message: names the picture, too.
  virtual void failure(const std::string& /*image*/, const std::string& /*message*/) {}
  /// After the last. The file that became whole and is to be committed, if there is one.
  virtual OutputFile* finish() { return nullptr; }
};

/// A block of lines for each.
std::unique_ptr<AnswerSink> answers_for_people(const RunFacts& facts);
/// One object on stdout, written as it grows, so that ten thousand answers need no memory.
std::unique_ptr<AnswerSink> answers_as_json(const RunFacts& facts);
/// One object for each picture on a line of its own: an answer, or {"image", "error"}.
std::unique_ptr<AnswerSink> answers_as_json_lines(const RunFacts& facts);
/// Columns row, file, then index_1, label_1, probability_1 and so on. path: "-" is stdout; a file
/// is not touched where there is no answer.
std::unique_ptr<AnswerSink> answers_as_csv(const RunFacts& facts, const std::string& path);
/// Output `index` as float32 [answers, columns], or [answers, rows, columns] where it has more than
/// one row; the file is not touched where there is no answer.
std::unique_ptr<AnswerSink> output_as_npy(const RunFacts& facts, size_t index,
                                          const std::string& path);

}  // namespace vitro::host

// SPDX-License-Identifier: Apache-2.0
// Files with prompt tokens.
#include "models/adapters/prompts.h"

#include <cmath>
#include <filesystem>

#include <unistd.h>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "converter/base/npy.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

class Prompts : public testing::Test {
 protected:
  std::string write(const std::vector<std::vector<size_t>>& shapes) {
    Checkpoint checkpoint;
    for (size_t i = 0; i < shapes.size(); ++i) {
      size_t n = 1;
      for (const size_t s : shapes[i]) n *= s;
      CheckpointTensor& tensor = checkpoint.tensors["prompt_embeddings" + std::to_string(i)];
      tensor.shape = shapes[i];
      for (size_t j = 0; j < n; ++j) tensor.data.push_back(std::sin(static_cast<float>(j)));
    }
    write_safetensors(path_, checkpoint, StoredDtype::F32);
    return path_;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void expect_refused(const std::vector<std::vector<size_t>>& shapes, const std::string& fault) {
    try {
      read_prompts(write(shapes));
      ADD_FAILURE() << "accepted, where it should be: " << fault;
    } catch (const InputError& e) {
      EXPECT_NE(std::string(e.what()).find(fault), std::string::npos) << e.what();
    }
  }

  std::string path_ =
      (std::filesystem::temp_directory_path() / ("vitro_prompts_" + std::to_string(::getpid())))
          .string();
};

TEST_F(Prompts, OfTwoAndThreeDimensions) {
  for (const std::vector<size_t>& shape :
       {std::vector<size_t>{5, 8}, std::vector<size_t>{1, 5, 8}}) {
    const Matrix prompts = read_prompts(write({shape}));
    EXPECT_EQ(prompts.rows, 5u);
    EXPECT_EQ(prompts.cols, 8u);
    EXPECT_EQ(prompts.row(2)[3], std::sin(19.0f));
  }
}

TEST_F(Prompts, OfNumpy) {
  NpyWriter writer(path_, {3});
  const float row[3] = {1, -2, 3};
  writer.append(row), writer.append(row);
  writer.finish();
  EXPECT_EQ(read_prompts(path_).data, (std::vector<float>{1, -2, 3, 1, -2, 3}));
}

TEST_F(Prompts, Refusals) {
  expect_refused({{12, 5, 8}}, "prompts of 12 layers (deep prompt tuning)");
  expect_refused({{5, 8}, {5, 8}}, "holds 2 tensors, where prompt tokens are one");
  expect_refused({{8}}, "a tensor of 1 dimensions");
  expect_refused({{0, 8}}, "holds no prompt tokens");
  expect_refused({{4097, 1}}, "more than 4096");
  EXPECT_THROW(read_prompts("/nowhere"), InputError);
}

}  // namespace
}  // namespace vitro

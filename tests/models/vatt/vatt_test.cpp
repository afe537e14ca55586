// SPDX-License-Identifier: Apache-2.0
// VATT's video tower: what its tensors tell, clips as pictures, and refusals. reference_test
// compares its float outputs with PyTorch, from TensorFlow's own checkpoint too.
#include <gtest/gtest.h>

#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;

namespace {

const std::string kVattRoot = "model/layer_with_weights-0/_base/";

class Vatt : public ModelFolderTest {
 protected:
  static ModelOptions two_heads() {
    ModelOptions options;
    options.settings["heads"] = said(std::string("2"), "--set heads");
    return options;
  }
  void refuse_shape(const std::string& name, const std::vector<size_t>& shape,
                    const std::vector<std::string>& words) const {
    reference_weights("vatt", [&](Checkpoint& c) {
      CheckpointTensor& tensor = c.tensors[kVattRoot + name];
      tensor.shape = shape;
      size_t count = 1;
      for (const size_t n : shape) count *= n;
      tensor.data.assign(count, 0.5f);
    });
    expect_refused(words, two_heads());
  }
};

TEST_F(Vatt, TensorsTellAllButHeads) {
  reference_weights("vatt");
  const Model model = read(two_heads());
  EXPECT_EQ(setting_of(model, "names"),
            "google-research, prefix model/layer_with_weights-0/_base/ | names of the tensors");
  EXPECT_EQ(setting_of(model, "frames"),
            "4, in rows of 2 in a picture | shapes: the patch embedding and the positions in time");
  EXPECT_EQ(setting_of(model, "image_size"),
            "12 high, 8 wide | shapes: the positions down and across a frame");
  EXPECT_EQ(setting_of(model, "activation"), "gelu | assumed: usual for VATT");
  EXPECT_EQ(image_size(model.graph.preprocessing), (PixelSize{16, 24}));
  EXPECT_EQ(model.graph.preprocessing.mean[1], 0.5f);
  EXPECT_EQ(model.graph.preprocessing.std[2], 0.5f);
  expect_refused({"heads cannot be told from its width of 24"});
}

// The second frames of each pair: places 2, 3 of four across, in each line of patches.
TEST_F(Vatt, APatchIsCutOutOfFramesSideBySide) {
  reference_weights("vatt");
  const Model model = read(two_heads());
  for (const Node& node : model.graph.nodes)
    if (node.name == "patch_embed.1.rows") {
      const auto& index = node.as<GatherRows>().index;
      ASSERT_EQ(index.size(), 13u);
      EXPECT_EQ(std::vector<uint32_t>(index.begin(), index.begin() + 5),
                (std::vector<uint32_t>{GatherRows::kNoRow, 2, 3, 6, 7}));
      return;
    }
  ADD_FAILURE() << "no such node";
}

TEST_F(Vatt, WhatIsOfThePretrainingIsLeftOut) {
  reference_weights("vatt_features", [](Checkpoint& c) {
    const std::string root = "model/layer_with_weights-0/";
    for (const char* name : {"_base_layer/aud_backbone/_base/wave_to_patch/kernel",
                             "_base_layer/txt_backbone/embedding", "_head_layer/bridge/kernel",
                             "_base_layer/vid_backbone/_base/mask_embedding"})
      c.tensors[root + name] = {{2}, {1, 2}};
  });
  const Model model = read(two_heads());
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
}

TEST_F(Vatt, IsRefusedByWhatIsNotComputed) {
  refuse_shape("pre_proj/kernel", {24, 24}, {"_base/pre_proj/kernel", "modality-agnostic"});
  refuse_shape("post_proj/kernel", {24, 24}, {"_base/post_proj/kernel", "modality-agnostic"});
  refuse_shape("voxel_to_patch/kernel", {2, 4, 6, 3, 24}, {"patches are not square and RGB"});
  refuse_shape("voxel_to_patch/kernel", {2, 4, 4, 1, 24}, {"patches are not square and RGB"});
  refuse_shape("pos_embedding_lookup/temporal_position_embeddings/embeddings", {342, 24},
               {"the height of its clip in pixels, of 4104"});
  refuse_shape("pos_embedding_lookup/horizontal_position_embeddings/embeddings", {513, 24},
               {"the width of its clip in pixels, of 4104"});
}

}  // namespace

}  // namespace vitro

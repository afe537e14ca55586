// SPDX-License-Identifier: Apache-2.0
// Position embeddings resampled for another size of picture, compared with torch.
#include "models/vit/positions.h"

#include <cmath>

#include <gtest/gtest.h>

#include "converter/float/executor.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

TEST(Positions, AsTorchInterpolatesThem) {
  // From torch 2.13: interpolate(x, size=to, mode="bicubic", antialias=True), where x[i] = (7919 i
  // mod 101) / 50 - 1.
  const struct {
    vit::GridSize from, to;
    std::vector<float> expected;
  } kCases[] = {
      {{3, 3},
       {4, 4},
       {-1.06582093f, -0.57398057f, 0.199992865f, 0.770885468f, -0.797933996f, -0.209866017f,
        -0.0440516099f, -0.404442072f, -0.407737613f, 0.243170321f, 0.0118365055f, -0.956712961f,
        -0.139850751f, 0.50111419f, 0.332620233f, -0.539701521f}},
      {{5, 5},
       {3, 3},
       {-0.626461446f, 0.238440007f, -0.0710769445f, -0.527692318f, 0.337209255f, 0.0276922751f,
        -0.42892307f, 0.435978532f, 0.126461476f}},
      {{4, 4},
       {9, 9},
       {-1.21454144f,    -1.01299274f,    -0.559990585f,  -0.0546916388f, 0.451907486f,
        0.721302807f,    0.225396797f,    -0.511810958f,  -0.810442746f,  -0.901982725f,
        -0.792892218f,   -0.560617149f,   -0.237628132f,  0.236925587f,   0.559557557f,
        0.241305515f,    -0.288712174f,   -0.499972016f,  -0.127390385f,  -0.252671391f,
        -0.581928551f,   -0.713314772f,   -0.286840618f,  0.197116479f,   0.308358222f,
        0.267531782f,    0.263462305f,    0.376553595f,   0.122163177f,   -0.507563114f,
        -0.923424542f,   -0.669572294f,   -0.212758601f,  0.228052869f,   0.61672014f,
        0.790304959f,    -0.102049485f,   -0.138159141f,  -0.213827446f,  -0.326465368f,
        -0.547031283f,   -0.642905653f,   -0.229237586f,  0.320754856f,   0.547576368f,
        -0.580652535f,   -0.40066427f,    0.0660605952f,  0.277506649f,   -0.299798667f,
        -0.8700912f,     -0.62904501f,    -0.127132207f,  0.0676438808f,  -0.0767085925f,
        -0.0350430012f,  0.0819772631f,   0.0969969928f,  -0.156224385f,  -0.423293382f,
        -0.466722459f,   -0.419184744f,   -0.40671891f,   0.697883666f,   0.494225234f,
        -0.00881671533f, -0.343501568f,   -0.0543298237f, 0.232659087f,   -0.111239083f,
        -0.625233531f,   -0.833495021f,   1.01044285f,    0.709723234f,   -0.0386430621f,
        -0.511650801f,   -0.00638079131f, 0.498889178f,   0.0258814618f,  -0.722484767f,
        -1.0232048f}},
      // From timm 1.0.31's resample_abs_pos_embed of the same x, for (h, w) that are not squares.
      {{2, 5},
       {4, 3},
       {-0.652986348f, 0.211915135f, -0.0976018384f, -0.635263681f, 0.229637846f, -0.0798791572f,
        -0.600120842f, 0.2647807f, -0.0447362959f, -0.582398117f, 0.282503366f, -0.0270136055f}},
      {{4, 4},
       {2, 7},
       {-0.425112069f, -0.459155321f, -0.475341737f, -0.170041323f, 0.135259286f, 0.119072609f,
        0.085029386f, 0.215256348f, 0.0863763615f, -0.141940042f, -0.234080583f, -0.272214949f,
        -0.29350701f, -0.301416874f}},
      {{3, 6},
       {5, 6},
       {-1.06641507f,  -0.246415064f, 0.726037681f,   -0.626415014f, 0.346037686f,
        -1.00641501f,  -0.730746269f, 0.179701507f,   0.200746223f,  -0.200298473f,
        -0.179253772f, -0.670746326f, -0.119999997f,  0.699999988f,  -0.5f,
        0.319999993f,  -0.879999995f, -0.0599999987f, 0.490746319f,  -0.000746467966f,
        0.0202986784f, -0.380746454f, -0.359701306f,  0.550746322f,  0.826415062f,
        -0.526037693f, 0.446415067f,  -0.906037688f,  0.0664150715f, 0.886415064f}},
  };
  for (const auto& test : kCases) {
    Matrix positions(test.from.patches(), 2);
    for (size_t i = 0; i < positions.rows; ++i) {
      positions.row(i)[0] = static_cast<float>(i * 7919 % 101) / 50 - 1;
      positions.row(i)[1] = 3;
    }
    const Matrix resampled = vit::resample_positions(positions, test.from, test.to);
    ASSERT_EQ(resampled.rows, test.to.patches());
    ASSERT_EQ(resampled.rows, test.expected.size());
    for (size_t i = 0; i < resampled.rows; ++i) {
      EXPECT_NEAR(resampled.row(i)[0], test.expected[i], 1e-6) << i;
      EXPECT_FLOAT_EQ(resampled.row(i)[1], 3);
    }
  }
}

// The same without antialias=True.
TEST(Positions, OfFourAsTorchInterpolatesThem) {
  const struct {
    vit::GridSize from, to;
    std::vector<float> expected;
  } kCases[] = {
      {{5, 5},
       {3, 3},
       {-0.771851778f, 0.655555665f, -0.0492595918f, -0.667407215f, 0.75999999f, 0.0551848076f,
        -0.562962532f, 0.864444196f, 0.159629196f}},
      {{3, 3},
       {4, 4},
       {-1.09043956f, -0.613087237f, 0.226241589f, 0.822672665f, -0.82575196f, -0.190517455f,
        -0.026924964f, -0.452869713f, -0.411962867f, 0.327623457f, 0.0445899442f, -1.05709124f,
        -0.147275373f, 0.567929685f, 0.389248043f, -0.554550767f}},
      {{2, 5},
       {4, 3},
       {-0.793735325f, 0.63367188f, -0.071143277f, -0.773813486f, 0.653593719f, -0.0512214117f,
        -0.74100095f, 0.686406255f, -0.0184089262f, -0.721079111f, 0.706328094f, 0.00151294016f}},
  };
  for (const auto& test : kCases) {
    Matrix positions(test.from.patches(), 1);
    for (size_t i = 0; i < positions.rows; ++i)
      positions.row(i)[0] = static_cast<float>(i * 7919 % 101) / 50 - 1;
    const Matrix resampled =
        vit::resample_positions(positions, test.from, test.to, vit::Resampling::OfFour);
    ASSERT_EQ(resampled.rows, test.expected.size());
    for (size_t i = 0; i < resampled.rows; ++i)
      EXPECT_NEAR(resampled.row(i)[0], test.expected[i], 1e-6) << i;
  }
}

TEST(Positions, SameSizeIsTheIdentity) {
  Matrix positions(16, 3);
  for (size_t i = 0; i < positions.data.size(); ++i)
    positions.data[i] = std::sin(static_cast<float>(i));
  for (const auto resampling : {vit::Resampling::Antialiased, vit::Resampling::OfFour}) {
    const Matrix same = vit::resample_positions(positions, {4, 4}, {4, 4}, resampling);
    for (size_t i = 0; i < positions.data.size(); ++i)
      EXPECT_FLOAT_EQ(same.data[i], positions.data[i]);
  }
}

TEST(Positions, OfAPictureThatIsNotSquare) {
  RandomVit vit;
  vit.image = 8, vit.image_width = 32;  // 2 x 8 patches; 16 is a square number too
  const Checkpoint checkpoint = make_checkpoint(vit);
  EXPECT_EQ(vit::build_vit(checkpoint).preprocessing.image_width, 16u);
  vit::VitOptions said;
  said.trained_size = {32, 8};
  const Graph trained = vit::build_vit(checkpoint, said);
  EXPECT_EQ(trained.preprocessing.image_width, 32u);
  EXPECT_EQ(trained.preprocessing.image_height, 8u);
  said.image_size = {20, 12};
  const Graph graph = vit::build_vit(checkpoint, said);
  EXPECT_EQ(graph.preprocessing.image_width, 20u);
  EXPECT_EQ(graph.preprocessing.image_height, 12u);
  EXPECT_EQ(graph.nodes[2].rows, 1u + 3 * 5);
  EXPECT_EQ(graph.nodes[2].as<Tokens>().positions.data,
            vit::resample_positions(trained.nodes[2].as<Tokens>().positions, {2, 8}, {3, 5}).data);
  // Where nothing tells the shape of the 12 patches, the requested picture size does.
  vit.image = 12, vit.image_width = 16;
  vit::VitOptions asked;
  asked.image_size = {16, 12};
  EXPECT_EQ(vit::build_vit(make_checkpoint(vit), asked).nodes[2].rows, 13u);
}

TEST(Positions, AnotherSizeOfPicture) {
  RandomVit vit;
  vit.registers = 2;
  const Checkpoint checkpoint = make_checkpoint(vit);
  const Graph trained = vit::build_vit(checkpoint);
  for (const size_t image : {12u, 16u, 28u}) {
    vit::VitOptions options;
    options.image_size = {image, image};
    const Graph graph = vit::build_vit(checkpoint, options);
    const auto &tokens = graph.nodes[2].as<Tokens>(), &before = trained.nodes[2].as<Tokens>();
    EXPECT_EQ(graph.preprocessing.image_width, image);
    EXPECT_EQ(graph.preprocessing.image_height, image);
    EXPECT_EQ(graph.nodes[2].rows, 3 + image / 4 * (image / 4));
    EXPECT_EQ(tokens.prefix.data, before.prefix.data);
    EXPECT_EQ(tokens.positions.data,
              image == 16
                  ? before.positions.data
                  : vit::resample_positions(before.positions, {4, 4}, {image / 4, image / 4}).data);
    const std::vector<uint8_t> pixels(image * image * 3, 77);
    EXPECT_EQ(FloatExecutor(graph).run(pixels.data()).front().size(), 10u);
  }
}

}  // namespace
}  // namespace vitro

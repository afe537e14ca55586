// SPDX-License-Identifier: Apache-2.0
// The gallery's file, against whatever else is given for one, and its neighbours and votes, against
// values computed by hand.
#include "platforms/host/gallery/gallery.h"

#include <gtest/gtest.h>

#include <cmath>

#include "converter/base/error.h"
#include "platforms/host/gallery/neighbours.h"
#include "runtime/digest/sha256.h"
#include "tests/support/temporary_folder.h"

namespace vitro {

using namespace host;

namespace {

// Four photos of two classes, and one of none, in the plane.
Gallery five() {
  Gallery g;
  g.program_sha256 = std::string(31, '\x11') + '\0';
  g.output = "features";
  g.classes = {"cat", "dog"};
  const struct {
    std::vector<int8_t> row;
    const char* name;
    uint32_t label;
  } photos[] = {{{127, 0}, "cat/0.jpg", 0},
                {{120, 50}, "cat/1.jpg", 0},
                {{0, 127}, "dog/0.jpg", 1},
                {{-127, 0}, "dog/1.jpg", 1},
                {{127, 1}, "else.jpg", Gallery::kNoClass}};
  for (const auto& photo : photos) add_row(g, photo.row, photo.name, photo.label);
  return g;
}

class GalleryTest : public TemporaryFolderTest {
 protected:
  Gallery read(const std::string& bytes) const { return read_gallery(write("g", bytes)); }
  std::string refusal(const std::string& bytes) const {
    try {
      read(bytes);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  // With its digest made right again.
  static std::string sealed(std::string bytes) {
    uint8_t digest[32] = {};
    bytes.replace(56, 32, 32, '\0');
    Sha256 hash;
    hash.update(bytes.data(), bytes.size());
    hash.finish(digest);
    return bytes.replace(56, 32, reinterpret_cast<const char*>(digest), 32);
  }
};

TEST_F(GalleryTest, ComesBackAsItWas) {
  const Gallery g = five(), again = read(bytes_of(g));
  EXPECT_EQ(again.program_sha256, g.program_sha256);
  EXPECT_EQ(again.output, g.output);
  EXPECT_EQ(again.cols, 2u);
  EXPECT_EQ(again.classes, g.classes);
  EXPECT_EQ(again.files, g.files);
  EXPECT_EQ(again.labels, g.labels);
  EXPECT_EQ(again.rows, g.rows);
  EXPECT_EQ(again.lengths, g.lengths);
  EXPECT_EQ(bytes_of(again), bytes_of(g));
  EXPECT_EQ(bytes_of(g).size(), 88 +
                                    sizeof("features\0cat\0dog\0cat/0.jpg\0cat/1.jpg\0dog/0.jpg\0"
                                           "dog/1.jpg\0else.jpg") +
                                    5 * (4 + 2));
}

TEST_F(GalleryTest, EveryByteCounts) {
  const std::string bytes = bytes_of(five());
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_NE(refusal(changed), "") << at;
  }
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(refusal(bytes.substr(0, size)), "") << size;
  EXPECT_NE(refusal(bytes + '\0'), "");
}

// By whoever can compute a digest, too.
TEST_F(GalleryTest, SealedAndWrong) {
  const std::string bytes = bytes_of(five());
  const auto with = [&](size_t at, const std::string& word) {
    return sealed(std::string(bytes).replace(at, word.size(), word));
  };
  const size_t labels = bytes.size() - 5 * 2 - 5 * 4;
  const std::string zero(4, '\0'), huge(4, '\xff');
  EXPECT_NE(refusal(with(labels, std::string("\2\0\0\0", 4))).find("label"), std::string::npos);
  EXPECT_NE(refusal(with(bytes.size() - 2, std::string(2, '\0'))).find("zeros"), std::string::npos);
  EXPECT_NE(refusal(with(labels - 1, "x")).find("names"), std::string::npos);
  EXPECT_NE(refusal(with(90, std::string(1, '\0'))).find("names"), std::string::npos);
  for (const size_t at : {8, 12, 16, 20})
    for (const std::string& word : {zero, huge, std::string("\0\0\0\x80", 4)})
      EXPECT_NE(refusal(with(at, word)), "") << at;
  EXPECT_NE(refusal("VTROGAL2" + bytes.substr(8)).find("is not a gallery"), std::string::npos);
  EXPECT_NE(refusal("").find("is not a gallery"), std::string::npos);
  // As many bytes as are said, by sizes that wrap around 32 bits.
  std::string wrapped = bytes;
  wrapped.replace(8, 4, std::string("\0\0\1\0", 4)).replace(12, 4, std::string("\0\0\1\0", 4));
  EXPECT_NE(refusal(sealed(wrapped)), "");
  EXPECT_EQ(refusal(with(24, std::string(1, '\x12'))), "");  // the test's own seal is right
}

TEST_F(GalleryTest, RowsFillTheirRange) {
  EXPECT_EQ(gallery_row({0.5f, -1.0f, 0.25f, 0.0f}, "p"), (std::vector<int8_t>{64, -127, 32, 0}));
  EXPECT_EQ(gallery_row({1e-30f, 3e-30f}, "p"), (std::vector<int8_t>{42, 127}));
  for (const std::vector<float>& values : std::vector<std::vector<float>>{
           {0, 0}, {1, INFINITY}, {NAN, 1}, {1, NAN, 2}, {-INFINITY, 0}})
    EXPECT_THROW(gallery_row(values, "p"), InputError);
}

TEST_F(GalleryTest, Neighbours) {
  const Gallery g = five();
  const std::vector<Neighbour> n = nearest(g, {100, 1}, 3);
  ASSERT_EQ(n.size(), 3u);
  EXPECT_EQ(n[0].row, 4u);
  EXPECT_EQ(n[1].row, 0u);
  EXPECT_EQ(n[2].row, 1u);
  EXPECT_NEAR(n[1].cosine, 100 / std::sqrt(10001.0), 1e-12);
  EXPECT_NEAR(n[2].cosine, 12050 / (130 * std::sqrt(10001.0)), 1e-12);
  EXPECT_EQ(nearest(g, {1, 0}, 100).size(), 5u);
  EXPECT_EQ(nearest(g, {1, 0}, 100).back().row, 3u);
  Gallery same = five();
  add_row(same, {127, 0}, "again", 1);
  EXPECT_EQ(nearest(same, {50, 0}, 2)[0].row, 0u);  // equal ones in their order
  EXPECT_EQ(nearest(same, {50, 0}, 2)[1].row, 5u);
}

TEST_F(GalleryTest, Votes) {
  const Gallery g = five();
  const std::vector<Neighbour> all = {{0, 0.9}, {2, 0.83}, {3, 0.76}, {4, 0.99}};
  const std::vector<float> plain = shares(g, all, Vote::Plain);
  EXPECT_FLOAT_EQ(plain[0], 1.0f / 3);
  EXPECT_FLOAT_EQ(plain[1], 2.0f / 3);
  const std::vector<float> weighted = shares(g, all, Vote::Weighted);
  const double cat = std::exp(0.9 / 0.07), dog = std::exp(0.83 / 0.07) + std::exp(0.76 / 0.07);
  EXPECT_NEAR(weighted[0], cat / (cat + dog), 1e-6);
  EXPECT_NEAR(weighted[1], dog / (cat + dog), 1e-6);
  EXPECT_EQ(shares(g, {{4, 1.0}}, Vote::Plain), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace vitro

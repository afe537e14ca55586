// SPDX-License-Identifier: Apache-2.0
// .npy files: what numpy writes is read, what we write is what numpy would, and everything else is
// refused by name.
#include "converter/base/npy.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "tests/support/temporary_folder.h"

namespace vitro {
namespace {

namespace fs = std::filesystem;

class NpyTest : public TemporaryFolderTest {
 protected:
  std::string path(const std::string& name = "a.npy") const {
    return TemporaryFolderTest::path(name);
  }
  std::string write(const std::string& bytes) const {
    return TemporaryFolderTest::write("a.npy", bytes);
  }

  std::string bytes_of(const std::string& file) const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  size_t file_count() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
};

std::string file(const std::string& header, const std::string& data, char version = 1) {
  std::string text = header;
  while ((text.size() + 11 + (version > 1 ? 2 : 0)) % 64) text += ' ';
  text += '\n';
  std::string out = std::string("\x93NUMPY") + version + '\0' +
                    static_cast<char>(text.size() & 255) + static_cast<char>(text.size() >> 8);
  if (version > 1) out += std::string(2, '\0');
  return out + text + data;
}

template <class Number>
std::string raw(const std::vector<Number>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number)};
}

std::string reversed(std::string bytes, size_t width) {
  for (size_t i = 0; i < bytes.size(); i += width)
    std::reverse(bytes.begin() + static_cast<ptrdiff_t>(i),
                 bytes.begin() + static_cast<ptrdiff_t>(i + width));
  return bytes;
}

const std::vector<float> kSix = {1.5f, -2, 3, 0.25f, 1e-30f, -6};
const std::string kHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

std::string refusal(const std::string& path) {
  try {
    read_npy(path);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST_F(NpyTest, EveryVersionAndWidth) {
  const std::vector<double> wide(kSix.begin(), kSix.end());
  const std::vector<std::string> files = {
      file(kHeader, raw(kSix)),
      file(kHeader, raw(kSix), 2),
      file(kHeader, raw(kSix), 3),
      file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", raw(wide)),
      file("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", reversed(raw(kSix), 4)),
      file("{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }", reversed(raw(wide), 8)),
      file("{\"shape\":(2L,3L),\"fortran_order\":False,\"descr\":\"<f4\"}", raw(kSix)),
  };
  for (const std::string& bytes : files) {
    const Matrix matrix = read_npy(write(bytes));
    EXPECT_EQ(matrix.rows, 2u);
    EXPECT_EQ(matrix.cols, 3u);
    EXPECT_EQ(matrix.data, kSix);
  }
  const Matrix row =
      read_npy(write(file("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", raw(kSix))));
  EXPECT_EQ(row.rows, 1u);
  EXPECT_EQ(row.data, kSix);
  // One row is the same in either order.
  EXPECT_EQ(
      read_npy(write(file("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 6), }", raw(kSix))))
          .data,
      kSix);
}

TEST_F(NpyTest, RefusedByName) {
  const std::string data = raw(kSix);
  const auto expect = [&](const std::string& bytes, const std::string& words) {
    const std::string sentence = refusal(write(bytes));
    EXPECT_NE(sentence.find(words), std::string::npos) << sentence << " lacks " << words;
    EXPECT_NE(sentence.find("; "), std::string::npos) << sentence;
  };
  expect("", "not a .npy");
  expect("file,label\n", "not a .npy");
  expect("PK\x03\x04 and more of it", "zip file (.npz?)");
  expect(file(kHeader, data, 4), "version 4.0");
  expect(file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", data), "Fortran order");
  expect(file("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", data), "'<f2'");
  expect(file("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }", data), "'<i8'");
  expect(file("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", data), "'|O'");
  expect(file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", data),
         "plain numbers");
  expect(file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 3), }", data), "(2, 1, 3)");
  expect(file("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", data), "shape ()");
  expect(file("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", ""),
         "nothing is in it");
  expect(
      file(
          "{'descr': '<f4', 'fortran_order': False, 'shape': (281474976710656, 281474976710656), }",
          data),
      "cut short");
  expect(
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3), }", data),
      "plain numbers");
  expect(file("{'descr': '<f4', 'fortran_order': False, }", data), "plain numbers");
  expect(file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'shape': (2, 3), }", data),
         "plain numbers");
  expect(file("__import__('os')", data), "plain numbers");
  expect(file(kHeader, data + "x"), "longer");
  const std::string whole = file(kHeader, data);
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(refusal(write(whole.substr(0, size))), "") << size;
  const float worst = std::numeric_limits<float>::infinity();
  expect(file(kHeader, raw(std::vector<float>{1, 2, 3, 4, NAN, 6})), "a NaN in row 1, column 1");
  expect(file(kHeader, raw(std::vector<float>{1, 2, -worst, 4, 5, 6})), "infinite");
  expect(file("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }",
              raw(std::vector<double>{1e300})),
         "too large");
  EXPECT_NE(refusal(folder_.string()).find("is a folder"), std::string::npos);
  EXPECT_NE(refusal(path("absent.npy")).find("No such file"), std::string::npos);
}

TEST_F(NpyTest, WrittenAsNumpyReadsIt) {
  NpyWriter writer(path(), {3});
  writer.append(kSix.data());
  EXPECT_FALSE(fs::exists(path())) << "half a file can be seen";
  writer.append(kSix.data() + 3);
  EXPECT_EQ(writer.rows(), 2u);
  writer.finish();
  const std::string bytes = bytes_of(path());
  std::string header = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + kHeader;
  header.resize(127, ' ');
  EXPECT_TRUE(bytes == header + "\n" + raw(kSix));
  EXPECT_EQ(read_npy(path()).data, kSix);
  EXPECT_EQ(file_count(), 1u);
}

TEST_F(NpyTest, RowsThatAreMatrices) {
  NpyWriter writer(path(), {2, 3});
  writer.append(kSix.data());
  writer.append(kSix.data());
  writer.finish();
  const std::string bytes = bytes_of(path());
  EXPECT_NE(bytes.find("'shape': (2, 2, 3), }"), std::string::npos);
  EXPECT_EQ(bytes.substr(128), raw(kSix) + raw(kSix));
}

TEST_F(NpyTest, WholeOrNotAtAll) {
  write("before");
  {
    NpyWriter writer(path(), {3});
    writer.append(kSix.data());
  }
  EXPECT_EQ(bytes_of(path()), "before");
  EXPECT_EQ(file_count(), 1u);
  EXPECT_THROW(NpyWriter(path("no/such/folder.npy"), {3}), InputError);
  EXPECT_THROW(NpyWriter(folder_.string(), {3}), InputError);
  if (fs::exists("/dev/full")) EXPECT_THROW(NpyWriter("/dev/full", {3}), InputError);
}

TEST_F(NpyTest, ALinkStays) {
  write("before");
  fs::create_symlink(path(), path("link.npy"));
  NpyWriter writer(path("link.npy"), {3});
  writer.append(kSix.data());
  writer.finish();
  EXPECT_TRUE(fs::is_symlink(path("link.npy")));
  EXPECT_EQ(read_npy(path()).rows, 1u);
}

}  // namespace
}  // namespace vitro

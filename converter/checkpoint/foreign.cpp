// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/foreign.h"

#include <algorithm>
#include <cctype>

namespace vitro::converter {
namespace {

constexpr char kUnpack[] = "unpack it and give the file of weights in it";
constexpr char kOriginal[] =
    "give the checkpoint that it was made of: model.safetensors, pytorch_model.bin, .pth";

struct Signature {
  size_t at;
  std::string bytes;
  const char* fault;
  const char* remedy;
};

const Signature* find_signature(const std::string& head) {
  static const Signature kSignatures[] = {
      {0, "version https://git-lfs.github.com/spec/",
       "is a Git LFS pointer: the weights themselves were not downloaded",
       "run: git lfs install && git lfs pull"},
      {0, "\x93NUMPY", "is one NumPy array (.npy), not named weights",
       "save all of them by name: numpy.savez(PATH, **arrays)"},
      {0, "\x89HDF\r\n\x1a\n", "is an HDF5 file (Keras, TensorFlow)",
       "save the model's weights with PyTorch or safetensors"},
      {0, "GGUF", "is a GGUF file, of a language model as a rule", kOriginal},
      {4, "TFL3", "is a TFLite model", kOriginal},
      {4, "VTRO", "is a program of vitro already", "run it: vitro run -m PROGRAM -i PICTURE"},
      {4, "VTRC", "is a calibration of vitro, not a file of weights",
       "give the weights that it was made of; the calibration beside them is found by itself"},
      {4, "ET12", "is an ExecuTorch program", kOriginal},
      {0, "\x1f\x8b", "is packed by gzip", kUnpack},
      {0, "BZh", "is packed by bzip2", kUnpack},
      {0,
       std::string("\xfd"
                   "7zXZ\0",
                   6),
       "is packed by xz", kUnpack},
      {0, "\x28\xb5\x2f\xfd", "is packed by zstd", kUnpack},
      {0, "7z\xbc\xaf\x27\x1c", "is a 7-Zip archive", kUnpack},
      {0, "Rar!", "is a RAR archive", kUnpack},
      {257, "ustar", "is a tar archive (torch.save wrote such before 0.2)",
       "unpack it, or load it with PyTorch and save it again"},
      {0, "\x89PNG", "is a picture", "give a file of weights; pictures go into --calib"},
      {0, "\xff\xd8\xff", "is a picture", "give a file of weights; pictures go into --calib"},
      {0,
       "\x7f"
       "ELF",
       "is a program of this machine", "give a file of weights"},
      {0, "%PDF", "is a PDF document", "give a file of weights"},
      {0, "PAR1", "is a Parquet file", "give a file of weights"},
  };
  for (const Signature& signature : kSignatures) {
    if (head.size() > signature.at &&
        head.compare(signature.at, signature.bytes.size(), signature.bytes) == 0)
      return &signature;
  }
  return nullptr;
}

/// A protobuf that begins with ir_version, a small number, and goes on with the producer's name or
/// an opset.
bool is_onnx(const std::string& head) {
  return head.size() > 3 && head[0] == 0x08 && head[1] > 0 && head[1] < 32 &&
         (head[2] == 0x12 || head[2] == 0x1a || head[2] == 0x3a || head[2] == 0x42);
}

bool is_text(const std::string& head) {
  return std::all_of(head.begin(), head.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t';
  });
}

}  // namespace

ForeignFile recognise_foreign(const std::string& head) {
  if (const Signature* signature = find_signature(head))
    return {signature->fault, signature->remedy};
  std::string start =
      head.substr(std::min(head.size(), head.find_first_not_of(" \t\r\n\xef\xbb\xbf")), 64);
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* page : {"<!doctype", "<html", "<head", "<?xml"}) {
    if (start.compare(0, std::string(page).size(), page) == 0) {
      return {
          "is a web page, not a file of weights",
          "download the file itself: the link needs a login, or leads to a page about the file"};
    }
  }
  if (is_onnx(head)) return {"is an ONNX model", kOriginal};
  if (head.size() > 8 && is_text(head))
    return {"is a text file, not a file of weights", "download the file itself"};
  return {};
}

}  // namespace vitro::converter

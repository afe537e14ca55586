// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/pickle_globals.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace vitro::converter {
namespace {

// What released checkpoints hold beside tensors: the arguments of training, NumPy's scalars, paths.
// They stay opaque.
constexpr const char* kInert[] = {
    "argparse.Namespace",
    "types.SimpleNamespace",
    "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "pathlib.WindowsPath",
    "pathlib._local.PosixPath",
    "__builtin__.set",
    "builtins.set",
    "__builtin__.frozenset",
    "builtins.frozenset",
    "__builtin__.bytearray",
    "builtins.bytearray",
    "__builtin__.complex",
    "builtins.complex",
    "__builtin__.slice",
    "builtins.slice",
    "__builtin__.range",
    "builtins.range",
    "_codecs.encode",
    "collections.deque",
    "datetime.datetime",
    "datetime.timedelta",
    "datetime.date",
    "uuid.UUID",
    "decimal.Decimal",
    "numpy.dtype",
    "numpy.ndarray",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",
    "numpy.float64",
    "numpy.float32",
    "numpy.int64",
    "numpy.int32",
    "numpy.bool_",
    "torch.device",
    "torch.Tensor",
    "torch.nn.parameter.Parameter",
    "torch.nn.parameter.Buffer",
    "torch.serialization._get_layout",
    "pytorch_lightning.utilities.parsing.AttributeDict",
    "lightning.pytorch.utilities.parsing.AttributeDict",
    "lightning_fabric.utilities.data.AttributeDict",
    "lightning.fabric.utilities.data.AttributeDict",
    "yacs.config.CfgNode",
    "easydict.EasyDict",
};

constexpr const char* kDicts[] = {"collections.OrderedDict", "collections.defaultdict",
                                  "collections.Counter"};

constexpr const char* kDangerousModules[] = {
    "os",          "posix",     "nt",         "sys",      "subprocess", "builtins",
    "__builtin__", "importlib", "runpy",      "shutil",   "socket",     "pty",
    "code",        "codeop",    "ctypes",     "pickle",   "_pickle",    "marshal",
    "operator",    "functools", "webbrowser", "commands", "types"};

struct NamedType {
  const char *storage, *dtype;
  StorageType type;
};
constexpr NamedType kTypes[] = {
    {"DoubleStorage", "float64", {Dtype::F64, 8}},
    {"FloatStorage", "float32", {Dtype::F32, 4}},
    {"HalfStorage", "float16", {Dtype::F16, 2}},
    {"BFloat16Storage", "bfloat16", {Dtype::BF16, 2}},
    {"LongStorage", "int64", {Dtype::Whole, 8}},
    {"IntStorage", "int32", {Dtype::Whole, 4}},
    {"ShortStorage", "int16", {Dtype::Whole, 2}},
    {"CharStorage", "int8", {Dtype::Whole, 1}},
    {"ByteStorage", "uint8", {Dtype::Whole, 1}},
    {"BoolStorage", "bool", {Dtype::Whole, 1}},
    {"UntypedStorage", "uint8", {Dtype::Whole, 1}},
    {"", "uint16", {Dtype::Whole, 2}},
    {"", "uint32", {Dtype::Whole, 4}},
    {"", "uint64", {Dtype::Whole, 8}},
    {"", "double", {Dtype::F64, 8}},
    {"", "float", {Dtype::F32, 4}},
    {"", "half", {Dtype::F16, 2}},
    {"", "long", {Dtype::Whole, 8}},
    {"", "int", {Dtype::Whole, 4}},
    {"", "short", {Dtype::Whole, 2}},
    {"ComplexFloatStorage", "complex64", {}},
    {"ComplexDoubleStorage", "complex128", {}},
    {"", "complex32", {}},
    {"QInt8Storage", "qint8", {}},
    {"QUInt8Storage", "quint8", {}},
    {"QInt32Storage", "qint32", {}},
    {"QUInt4x2Storage", "quint4x2", {}},
    {"QUInt2x4Storage", "quint2x4", {}},
    {"", "float8_e4m3fn", {}},
    {"", "float8_e5m2", {}},
    {"", "float8_e4m3fnuz", {}},
    {"", "float8_e5m2fnuz", {}},
    {"", "float8_e8m0fnu", {}},
    {"", "float4_e2m1fn_x2", {}},
};

template <size_t n>
bool is_one_of(const char* const (&names)[n], const std::string& text) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](const char* name) { return text == name; });
}

/// null if it is none of PyTorch's storages or dtypes. A pickle may ask ten million times.
const NamedType* find_type(std::string_view global, bool storage) {
  for (const std::string_view module : {"torch.", "torch.storage.", "torch.cuda."}) {
    if (global.substr(0, module.size()) == module) {
      const std::string_view name = global.substr(module.size());
      for (const NamedType& type : kTypes)
        if (!name.empty() && name == (storage ? type.storage : type.dtype)) return &type;
    }
    if (!storage) break;  // dtypes are of torch itself
  }
  return nullptr;
}

}  // namespace

GlobalRole role_of(const std::string& global) {
  if (is_one_of(kDicts, global)) return GlobalRole::Dict;
  if (global == "torch.Size") return GlobalRole::Size;
  if (global == "torch._utils._rebuild_tensor" || global == "torch._utils._rebuild_tensor_v2")
    return GlobalRole::Tensor;
  if (global == "torch._utils._rebuild_tensor_v3") return GlobalRole::TensorOfDtype;
  if (global == "torch._utils._rebuild_parameter" ||
      global == "torch._utils._rebuild_parameter_with_state")
    return GlobalRole::Parameter;
  if (global == "torch._tensor._rebuild_from_type_v2") return GlobalRole::FromType;
  if (find_type(global, true)) return GlobalRole::Storage;
  if (find_type(global, false)) return GlobalRole::Dtype;
  return is_one_of(kInert, global) ? GlobalRole::Inert : GlobalRole::Unknown;
}

StorageType storage_type(const std::string& global) {
  const NamedType* type = find_type(global, true);
  if (!type) type = find_type(global, false);
  return type ? type->type : StorageType{};
}

bool is_dangerous(const std::string& global) {
  return is_one_of(kDangerousModules, global.substr(0, global.find('.')));
}

const char* foreign_opcode(uint8_t code) {
  switch (code) {
    case 'I': return "INT";
    case 'L': return "LONG";
    case 'F': return "FLOAT";
    case 'S': return "STRING";
    case 'V': return "UNICODE";
    case 'P': return "PERSID";
    case 'g': return "GET";
    case 'p': return "PUT";
    case 'i': return "INST";
    case 'o': return "OBJ";
    case 0x82: return "EXT1";
    case 0x83: return "EXT2";
    case 0x84: return "EXT4";
    case 0x92: return "NEWOBJ_EX";
    case 0x97: return "NEXT_BUFFER";
    case 0x98: return "READONLY_BUFFER";
    default: return nullptr;
  }
}

}  // namespace vitro::converter

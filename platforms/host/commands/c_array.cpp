// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/c_array.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace vitro::host {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of C11 and C++17, those that a file may well be called.
bool is_keyword(const std::string& name) {
  static const char* const kWords[] = {
      "alignas",      "alignof",  "and",           "and_eq",
      "asm",          "auto",     "bitand",        "bitor",
      "bool",         "break",    "case",          "catch",
      "char",         "char16_t", "char32_t",      "class",
      "compl",        "const",    "const_cast",    "constexpr",
      "continue",     "decltype", "default",       "delete",
      "do",           "double",   "dynamic_cast",  "else",
      "enum",         "explicit", "export",        "extern",
      "false",        "float",    "for",           "friend",
      "goto",         "if",       "inline",        "int",
      "long",         "mutable",  "namespace",     "new",
      "noexcept",     "not",      "not_eq",        "nullptr",
      "operator",     "or",       "or_eq",         "private",
      "protected",    "public",   "register",      "reinterpret_cast",
      "restrict",     "return",   "short",         "signed",
      "sizeof",       "static",   "static_assert", "static_cast",
      "struct",       "switch",   "template",      "this",
      "thread_local", "throw",    "true",          "try",
      "typedef",      "typeid",   "typename",      "union",
      "unsigned",     "using",    "virtual",       "void",
      "volatile",     "wchar_t",  "while",         "xor",
      "xor_eq"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](const char* word) { return name == word; });
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

std::string identifier_of(const std::string& file_name) {
  std::string name = std::filesystem::path(file_name).stem().string();
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  return is_identifier(name) ? name : "model_" + name;
}

bool is_identifier(const std::string& name) {
  // Names that begin with an underscore are the C library's, and so are those with two for C++.
  return !name.empty() && is_letter(name[0]) && name[0] != '_' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || is_digit(c); }) &&
         name.find("__") == std::string::npos && !is_keyword(name);
}

std::string program_header(const ProgramFile& file, const std::string& name,
                           const std::string& option) {
  const std::string macro = upper(name), array = name + "_program";
  const std::string bytes_macro = macro + (file.signature() ? "_FILE_BYTES" : "_PROGRAM_BYTES");
  const Program& program = file.program();
  const auto constant = [&](const char* what, size_t value, const std::string& comment) {
    return "#define " + macro + "_" + what + " " + std::to_string(value) + "u" +
           (comment.empty() ? "" : " /* " + comment + " */") + "\n";
  };
  return "/* A vitro program as a constant, written by 'vitro emit " + option + "'. */\n#ifndef " +
         macro + "_VITRO_PROGRAM_H\n#define " + macro +
         "_VITRO_PROGRAM_H\n\n#include <stdint.h>\n\n" +
         constant("PROGRAM_BYTES", file.program_bytes(), "the size for vitro_open()") +
         (file.signature() ? constant("FILE_BYTES", file.size(),
                                      "the size for vitro_signed_check(): with the trailer")
                           : "") +
         constant("ARENA_BYTES", program.arena_bytes(1),
                  "enough for vitro_bind() with one thread; exact where pointers have 64 bits") +
         constant("ARENA_ALIGNMENT", VITRO_ALIGNMENT, "") +
         constant("IMAGE_HEIGHT", program.image_height(), "pixels") +
         constant("IMAGE_WIDTH", program.image_width(), "") +
         constant("IMAGE_CHANNELS", 3, "uint8, RGB, row by row") +
         constant("CLASS_COUNT", program.class_count(), "float logits") +
         constant("OUTPUT_COUNT", program.output_count(), "vitro_output() describes them") +
         "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n/* The program, at a multiple of " +
         std::to_string(VITRO_ALIGNMENT) + " bytes. */\nextern const uint64_t " + array + "[(" +
         bytes_macro + " + 7) / 8];\n\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
}

CSource c_array_of(const ProgramFile& file, const std::string& name,
                   const std::string& header_file) {
  const std::string array = name + "_program";
  const std::string bytes_macro =
      upper(name) + (file.signature() ? "_FILE_BYTES" : "_PROGRAM_BYTES");
  CSource out;
  out.header = program_header(file, name, "--c-array");
  // 64-bit numbers: three times faster to compile than bytes, and with a third of the memory.
  out.source = "/* Written by 'vitro emit --c-array'. */\n#include \"" + header_file +
               "\"\n\n#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != "
               "__ORDER_LITTLE_ENDIAN__\n#error \"vitro programs are little-endian\"\n#endif\n\n"
               "#if defined(__cplusplus)\n#define VITRO_ALIGNED alignas(64)\n#elif "
               "defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n"
               "#define VITRO_ALIGNED _Alignas(64)\n#else\n#define VITRO_ALIGNED "
               "__attribute__((aligned(64)))\n#endif\n\n"
               "VITRO_ALIGNED const uint64_t " +
               array + "[(" + bytes_macro + " + 7) / 8] = {";
  static_assert(VITRO_ALIGNMENT == 64, "the source says so");
  const uint8_t* const bytes = static_cast<const uint8_t*>(file.program().get()->data);
  out.source.reserve(out.source.size() + file.size() / 8 * 22 + 100);
  for (size_t at = 0; at < file.size(); at += 8) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8 && at + i < file.size(); ++i)
      word |= uint64_t{bytes[at + i]} << (8 * i);
    char text[32];
    std::snprintf(text, sizeof text, "%s0x%llxu,", at % 64 == 0 ? "\n" : "",
                  static_cast<unsigned long long>(word));
    out.source += text;
  }
  out.source += "\n};\n";
  return out;
}

}  // namespace vitro::host

// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/constant.h"

#include <algorithm>
#include <cstring>

namespace vitro::host {

namespace {

// System V ABI (gabi 4.1) and its supplements for processors: e_machine, e_flags. A file of data
// alone has no calls whose convention could be another's.
struct Machine {
  const char* name;
  uint16_t number;
  bool wide;  // ELFCLASS64
  uint32_t flags;
};
constexpr Machine kMachines[] = {
    {"x86_64", 62, true, 0}, {"aarch64", 183, true, 0}, {"arm", 40, false, 0x05000000}};  // EABI 5

// Numbers of a file, little-endian; addresses and sizes are of 4 or 8 bytes.
class Numbers {
 public:
  explicit Numbers(bool wide) : wide_(wide) {}
  Numbers& put(size_t size, uint64_t value) {
    for (size_t i = 0; i < size; ++i, value >>= 8) bytes_.push_back(static_cast<uint8_t>(value));
    return *this;
  }
  Numbers& half(uint64_t value) { return put(2, value); }
  Numbers& word(uint64_t value) { return put(4, value); }
  Numbers& address(uint64_t value) { return put(wide_ ? 8 : 4, value); }
  Numbers& raw(const void* data, size_t size) {
    const auto* at = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), at, at + size);
    return *this;
  }
  Numbers& align(size_t to) {
    bytes_.resize((bytes_.size() + to - 1) / to * to);
    return *this;
  }
  size_t size() const { return bytes_.size(); }
  std::vector<uint8_t> take() { return std::move(bytes_); }
  void reserve(size_t size) { bytes_.reserve(size); }

 private:
  bool wide_;
  std::vector<uint8_t> bytes_;
};

// Names behind each other, each with a zero; the first is empty.
class Names {
 public:
  uint32_t add(const std::string& name) {
    const auto at = static_cast<uint32_t>(text_.size());
    text_ += name;
    text_ += '\0';
    return at;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_ = std::string(1, '\0');
};

struct Section {
  uint32_t name, type;
  uint64_t flags, offset, size;
  uint32_t link, info;
  uint64_t align, entry;
};

constexpr uint32_t kProgbits = 1, kSymtab = 2, kStrtab = 3;
constexpr uint64_t kAlloc = 2;
constexpr uint8_t kGlobalObject = 1 << 4 | 1;

}  // namespace

std::string assembly_of(const std::string& name, const std::string& bytes_file) {
  const std::string symbol = name + "_program";
  return "/* Written by 'vitro emit --assembly'. For GNU as and clang, ELF; -I names the folder "
         "of " +
         std::string("the bytes. */\n") + "#if defined(__ELF__)\n    .section .rodata." + symbol +
         ",\"a\"\n    .global " + symbol + "\n    .type " + symbol + ", %object\n    .balign 64\n" +
         symbol + ":\n    .incbin \"" + bytes_file + "\"\n    .size " + symbol + ", . - " + symbol +
         "\n    .section .note.GNU-stack,\"\",%progbits\n#else\n#error \"this file is for ELF: "
         "take 'vitro emit --c-array' instead\"\n#endif\n";
}

std::vector<std::string> object_machines() {
  std::vector<std::string> names;
  for (const Machine& machine : kMachines) names.emplace_back(machine.name);
  return names;
}

std::vector<uint8_t> object_of(const ProgramFile& file, const std::string& name,
                               const std::string& machine) {
  const Machine& m = *std::find_if(std::begin(kMachines), std::end(kMachines),
                                   [&](const Machine& known) { return machine == known.name; });
  const std::string symbol = name + "_program";
  Names strings, sections;
  const uint32_t symbol_at = strings.add(symbol);
  Numbers out(m.wide);
  out.reserve(file.size() + 2048);
  const size_t head = m.wide ? 64 : 52, program_at = 64;

  out.raw(
         "\x7f"
         "ELF",
         4)
      .put(1, m.wide ? 2 : 1)
      .put(1, 1)
      .put(1, 1)
      .align(16);
  out.half(1).half(m.number).word(1).address(0).address(0);
  const size_t table_field = out.size();
  out.address(0).word(m.flags).half(head).half(0).half(0).half(m.wide ? 64 : 40).half(6).half(5);
  out.align(program_at).raw(file.program().get()->data, file.size()).align(8);

  const size_t symbols_at = out.size(), symbol_bytes = m.wide ? 24 : 16;
  out.put(symbol_bytes, 0).word(symbol_at);
  if (m.wide)
    out.put(1, kGlobalObject).put(1, 0).half(1).put(8, 0).put(8, file.size());
  else
    out.word(0).word(file.size()).put(1, kGlobalObject).put(1, 0).half(1);
  const size_t strings_at = out.size();
  out.raw(strings.text().data(), strings.text().size());

  const uint32_t names[] = {sections.add(".rodata." + symbol), sections.add(".note.GNU-stack"),
                            sections.add(".symtab"), sections.add(".strtab"),
                            sections.add(".shstrtab")};
  const size_t names_at = out.size();
  out.raw(sections.text().data(), sections.text().size()).align(8);
  const size_t table_at = out.size();
  const Section all[] = {
      {0, 0, 0, 0, 0, 0, 0, 0, 0},
      {names[0], kProgbits, kAlloc, program_at, file.size(), 0, 0, VITRO_ALIGNMENT, 0},
      {names[1], kProgbits, 0, program_at, 0, 0, 0, 1, 0},
      {names[2], kSymtab, 0, symbols_at, 2 * symbol_bytes, 4, 1, 8, symbol_bytes},
      {names[3], kStrtab, 0, strings_at, strings.text().size(), 0, 0, 1, 0},
      {names[4], kStrtab, 0, names_at, sections.text().size(), 0, 0, 1, 0}};
  for (const Section& s : all)
    out.word(s.name)
        .word(s.type)
        .address(s.flags)
        .address(0)
        .address(s.offset)
        .address(s.size)
        .word(s.link)
        .word(s.info)
        .address(s.align)
        .address(s.entry);

  std::vector<uint8_t> bytes = out.take();
  for (size_t i = 0; i < 4; ++i)
    bytes[table_field + i] = static_cast<uint8_t>(uint64_t{table_at} >> (8 * i));
  return bytes;
}

}  // namespace vitro::host

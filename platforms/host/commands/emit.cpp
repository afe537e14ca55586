// SPDX-License-Identifier: Apache-2.0
// vitro emit: a program in the forms that firmware takes.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <nlohmann/json.hpp>

#include "converter/base/input_file.h"
#include "converter/base/write_file.h"
#include "platforms/firmware/flash_image.h"
#include "platforms/host/commands/c_array.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/commands/constant.h"
#include "platforms/host/flash_writer.h"
#include "platforms/host/picture_list.h"
#include "platforms/host/pictures/picture.h"

namespace vitro::host {

namespace {

namespace fs = std::filesystem;

// A code image says what it is right after its first instruction (platforms/aarch64_bare/start.S):
// "VTFW", then its bytes.
constexpr uint32_t kCodeMagic = 0x57465456;
constexpr size_t kCodeMagicAt = 4, kCodeBytesAt = 8;
constexpr size_t kMaxCodeBytes = size_t{64} << 20;

void check_usage(const EmitCommand& c) {
  const auto wrong = [](const char* option, const char* fault, const char* remedy) {
    throw UsageError(option, fault, remedy);
  };
  const bool constant = c.c_array || c.assembly || !c.object.empty();
  if (c.model.empty()) wrong("--model", "is missing", "name the program");
  if (c.output.empty()) wrong("--output", "is missing", "name the file to write");
  if (!c.isas.empty())
    wrong("--isas", "chooses sources of the runtime", "leave it out, or give --runtime");
  if (constant && !c.images.empty())
    wrong("--image", "a constant holds no photos", "give --flash-image for a blob that does");
  if (!constant && !c.name.empty())
    wrong("--name", "names are of constants alone",
          "leave it out, or give --c-array, --assembly or --object");
  if (!c.flash_image && !c.kernel.empty())
    wrong("--kernel", "goes before a flash image alone", "leave it out, or give --flash-image");
  if (constant && c.stop) wrong("--stop", "is for flash images and frames", "leave it out");
  std::error_code none;  // equivalent() fails where there is no output yet
  for (const std::string* input : {&c.model, &c.kernel})
    if (fs::equivalent(*input, c.output, none))
      wrong("--output", "would replace what it is made from", "give another file");
  if (c.frames && c.images.empty()) wrong("--frames", "needs photos", "name them with -i");
  if (!c.name.empty() && !is_identifier(c.name))
    wrong("--name", "is not an identifier that C and C++ leave to users",
          "give letters, digits and single underscores, a letter first");
  const std::string file_name = fs::path(c.output).filename().string();
  if (constant && (file_name.find_first_of("\"\\") != std::string::npos ||
                   file_name.find("??") != std::string::npos || shown(file_name) != file_name))
    wrong("--output", "has characters that #include cannot name in C",
          "give a file name without quotes, backslashes, question marks and control characters");
  const std::string extension = fs::path(c.output).extension().string();
  if (c.c_array && extension != ".c")
    wrong("--output", "a C array is written to a file that ends in .c",
          "its header goes beside it, with .h");
  if (c.assembly && extension != ".S")
    wrong("--output", "assembly is written to a file that ends in .S",
          "its header and the bytes go beside it, with .h and .bin");
  if (!c.object.empty() && extension != ".o")
    wrong("--output", "an object file ends in .o", "its header goes beside it, with .h");
}

std::vector<PreparedPicture> prepare(const ProgramFile& file,
                                     const std::vector<std::string>& images) {
  const Preprocessing preprocessing = file.preprocessing();
  std::vector<PreparedPicture> pictures;
  for (const std::string& image : images) {
    const std::string name = fs::path(image).filename().string();
    if (name.size() > kFlashNameBytes)
      throw InputError(image,
                       "its name has more than the " + std::to_string(kFlashNameBytes) +
                           " bytes that firmware keeps",
                       "give it a shorter one");
    pictures.push_back({name, prepare_picture(image, preprocessing)});
  }
  return pictures;
}

// The code alone, though a flash image may follow it already: another model may take its place.
std::vector<uint8_t> read_code(const std::string& path) {
  const std::string remedy =
      "give the .img that the aarch64-bare build left in platforms/aarch64_bare";
  const InputFile file(path, remedy);
  std::vector<uint8_t> code(static_cast<size_t>(std::min<uint64_t>(file.size(), kMaxCodeBytes)));
  file.read(0, code.data(), code.size());
  if (code.size() < kFlashBlock || load_le32(code.data() + kCodeMagicAt) != kCodeMagic)
    throw InputError(path, "is not a code image of vitro", remedy);
  const uint32_t size = load_le32(code.data() + kCodeBytesAt);
  if (size < kFlashBlock || size % kFlashBlock != 0 || size > code.size())
    throw InputError(path, "is cut short", remedy);
  code.resize(size);
  return code;
}

nlohmann::ordered_json emit_c_array(const EmitCommand& command, const ProgramFile& file,
                                    OutputFiles& outputs) {
  const fs::path source = command.output, header = fs::path(source).replace_extension(".h");
  const std::string name = command.name.empty() ? identifier_of(command.output) : command.name;
  const CSource c = c_array_of(file, name, header.filename().string());
  outputs.add(header.string()).write(c.header);
  outputs.add(source.string()).write(c.source);
  return {{"kind", "c_array"},
          {"file", source.string()},
          {"header", header.string()},
          {"name", name},
          {"file_bytes", c.source.size()}};
}

// Into assembly or an object file, with the same header as the C array's.
nlohmann::ordered_json emit_constant(const EmitCommand& command, const ProgramFile& file,
                                     OutputFiles& outputs) {
  const fs::path output = command.output, header = fs::path(output).replace_extension(".h"),
                 bytes = fs::path(output).replace_extension(".bin");
  const std::string name = command.name.empty() ? identifier_of(command.output) : command.name;
  const void* const program = file.program().get()->data;
  outputs.add(header.string())
      .write(program_header(file, name, command.assembly ? "--assembly" : "--object"));
  nlohmann::ordered_json facts = {{"kind", command.assembly ? "assembly" : "object"},
                                  {"file", output.string()},
                                  {"header", header.string()},
                                  {"name", name}};
  if (command.assembly) {
    const std::string text = assembly_of(name, bytes.filename().string());
    outputs.add(bytes.string()).write(program, file.size());
    outputs.add(output.string()).write(text);
    facts["bytes"] = bytes.string();
    facts["file_bytes"] = text.size();
  } else {
    const std::vector<uint8_t> object = object_of(file, name, command.object);
    outputs.add(output.string()).write(object.data(), object.size());
    facts["machine"] = command.object;
    facts["file_bytes"] = object.size();
  }
  return facts;
}

nlohmann::ordered_json emit_flash_image(const EmitCommand& command, const ProgramFile& file,
                                        const std::vector<PreparedPicture>& pictures,
                                        OutputFiles& outputs) {
  const PixelSize size = image_size(file.preprocessing());
  if (std::max(size.width, size.height) > kMaxPictureSide)
    throw InputError(file.path(), "takes larger pictures than a flash image holds",
                     "convert a model of at most 4096 pixels");
  if (flash_padded(file.size()) + pictures.size() * flash_record_bytes(size.width, size.height) >
      (uint64_t{1} << 31))
    throw InputError(command.output, "would be larger than 2 GiB", "give fewer photos");
  std::vector<uint8_t> bytes;
  if (!command.kernel.empty()) bytes = read_code(command.kernel);
  const size_t code_bytes = bytes.size();
  const std::vector<uint8_t> flash =
      make_flash_image(file.program().get()->data, file.size(), size, pictures, command.stop);
  bytes.insert(bytes.end(), flash.begin(), flash.end());
  outputs.add(command.output).write(bytes.data(), bytes.size());
  return {{"kind", "flash_image"},
          {"file", command.output},
          {"code_bytes", code_bytes},
          {"flash_image_bytes", flash.size()},
          {"file_bytes", bytes.size()}};
}

nlohmann::ordered_json emit_frames(const EmitCommand& command,
                                   const std::vector<PreparedPicture>& pictures,
                                   OutputFiles& outputs) {
  std::vector<uint8_t> bytes;
  for (const PreparedPicture& picture : pictures) {
    const std::vector<uint8_t> frame = make_frame(picture);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  if (command.stop) {
    const std::vector<uint8_t> end = make_end_frame();
    bytes.insert(bytes.end(), end.begin(), end.end());
  }
  outputs.add(command.output).write(bytes.data(), bytes.size());
  return {{"kind", "frames"}, {"file", command.output}, {"file_bytes", bytes.size()}};
}

// JSON takes memory to go, too: nothing is left of it afterwards, when the files take their places.
std::string account(const EmitCommand& command, nlohmann::ordered_json&& given,
                    const ProgramFile& file, size_t pictures) {
  const nlohmann::ordered_json facts = std::move(given);
  if (command.json) return json_of(facts, 2) + "\n";
  std::string text = formatted("%s: %llu bytes: ", shown(command.output).c_str(),
                               facts["file_bytes"].get<unsigned long long>());
  if (facts.contains("header"))
    text += formatted("the program as %s_program, declared in %s",
                      facts["name"].get<std::string>().c_str(),
                      shown(facts["header"].get<std::string>()).c_str());
  if (command.flash_image && !command.kernel.empty())
    text += formatted("%llu of code, then ", facts["code_bytes"].get<unsigned long long>());
  if (command.flash_image)
    text += formatted("a flash image of the program and %zu picture%s", pictures,
                      pictures == 1 ? "" : "s");
  if (command.frames)
    text += formatted("%zu picture%s for a serial console", pictures, pictures == 1 ? "" : "s");
  return text + formatted("\nthe program needs %zu bytes and an arena of %zu; pictures %s\n",
                          file.size(), file.program().arena_bytes(),
                          text_of(image_size(file.preprocessing())).c_str());
}

}  // namespace

void emit_command(const EmitCommand& command) {
  check_usage(command);
  const ProgramFile file(command.model);
  const PictureList list = command.images.empty() ? PictureList() : gather_pictures(command.images);
  report_left_out(list.left_out);
  const std::vector<PreparedPicture> pictures = prepare(file, list.files);
  OutputFiles outputs;
  const bool constant = command.assembly || !command.object.empty();
  nlohmann::ordered_json facts = command.c_array ? emit_c_array(command, file, outputs)
                                 : constant      ? emit_constant(command, file, outputs)
                                 : command.flash_image
                                     ? emit_flash_image(command, file, pictures, outputs)
                                     : emit_frames(command, pictures, outputs);
  facts["program_bytes"] = file.program_bytes();
  facts["signature"] = describe_signature(file);
  facts["arena_bytes"] = file.program().arena_bytes(1);
  facts["image_size"] = file.program().image_size();
  facts["image_width"] = file.program().image_width();
  facts["image_height"] = file.program().image_height();
  facts["classes"] = file.program().class_count();
  facts["outputs"] = describe_outputs(file.program());
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  for (const PreparedPicture& picture : pictures) names.push_back(picture.name);
  facts["pictures"] = std::move(names);
  facts["left_out"] = list.left_out;
  const std::string text = account(command, std::move(facts), file, pictures.size());
  outputs.commit();
  print_text(text, command.json);
}

}  // namespace vitro::host

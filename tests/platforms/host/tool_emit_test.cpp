// SPDX-License-Identifier: Apache-2.0
// vitro emit: C arrays that compilers accept, flash images and frames that the firmware accepts,
// and refusals.
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "converter/base/aligned_bytes.h"
#include "platforms/firmware/crc32.h"
#include "platforms/firmware/flash_image.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/program_file.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

using Json = nlohmann::json;

std::string le32(uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift);
  return bytes;
}

std::string code_image(uint32_t size) {
  std::string code = std::string("\x10\0\0\x14", 4) + "VTFW" + le32(size);
  for (size_t i = code.size(); i < size; ++i) code += static_cast<char>(i);
  return code;
}

std::string as_text(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

class EmitTest : public ToolTest {
 protected:
  std::string pixels_of(const std::string& model, const std::string& photo) const {
    return as_text(preprocess(load_picture(photo), ProgramFile(model).preprocessing()));
  }
  // Runs a command with a shell, because the build gives compilers as commands.
  int shell(const std::string& command) const {
    return std::system(("(" + command + ") > '" + path("shell.log") + "' 2>&1").c_str());
  }
};

TEST_F(EmitTest, CArray) {
  const std::string model = program(), bytes = read_bytes(model);
  const Json facts = run_json({"emit", "-m", model, "--c-array", "-o", path("My-Model.2.c")});
  EXPECT_EQ(facts.at("kind"), "c_array");
  EXPECT_EQ(facts.at("name"), "my_model_2");
  EXPECT_EQ(facts.at("program_bytes"), bytes.size());
  const Json inspected = run_json({"inspect", "-m", model});
  EXPECT_EQ(facts.at("arena_bytes"), inspected.at("arena_bytes"));
  EXPECT_EQ(facts.at("file_bytes"), std::filesystem::file_size(path("My-Model.2.c")));
  const std::string main =
      write("main.c",
            "#include \"My-Model.2.h\"\n#include <stdio.h>\n"
            "int main(void) {\n"
            "  if ((uintptr_t)my_model_2_program % MY_MODEL_2_ARENA_ALIGNMENT != 0) return 1;\n"
            "  if (MY_MODEL_2_ARENA_BYTES != " +
                std::to_string(inspected.at("arena_bytes").get<size_t>()) +
                ") return 2;\n"
                "  if (MY_MODEL_2_IMAGE_HEIGHT != 16 || MY_MODEL_2_IMAGE_WIDTH != 16 || "
                "MY_MODEL_2_IMAGE_CHANNELS != 3 || MY_MODEL_2_CLASS_COUNT != 10) return 3;\n"
                "  return fwrite(my_model_2_program, 1, MY_MODEL_2_PROGRAM_BYTES, stdout) == "
                "MY_MODEL_2_PROGRAM_BYTES ? 0 : 4;\n}\n");
  const std::string strict = " -Wall -Wextra -Wpedantic -Wconversion -Werror ";
  for (const std::string& compiler :
       {std::string(VITRO_C_COMPILER) + " -std=c99", std::string(VITRO_C_COMPILER) + " -std=c11",
        std::string(VITRO_CXX_COMPILER) + " -std=c++17 -x c++"}) {
    SCOPED_TRACE(compiler);
    ASSERT_EQ(
        shell("cd '" + path("") + "' && " + compiler + strict + "My-Model.2.c main.c -o dump"), 0)
        << read_bytes(path("shell.log"));
    ASSERT_EQ(shell("cd '" + path("") + "' && ./dump > dumped"), 0);
    EXPECT_TRUE(read_bytes(path("dumped")) == bytes);
  }
}

// What the linker takes is the program, at a multiple of 64, whichever way it came.
TEST_F(EmitTest, AssemblyAndObject) {
  const std::string model = program(), bytes = read_bytes(model);
  const Json assembly =
      run_json({"emit", "-m", model, "--assembly", "-o", path("a.S"), "--name", "net"});
  EXPECT_EQ(assembly.at("kind"), "assembly");
  EXPECT_EQ(assembly.at("bytes"), path("a.bin"));
  EXPECT_TRUE(read_bytes(path("a.bin")) == bytes);
  write("main.c",
        "#include HEADER\n#include <stdio.h>\nint main(void) {\n"
        "  if ((uintptr_t)net_program % NET_ARENA_ALIGNMENT != 0) return 1;\n"
        "  return fwrite(net_program, 1, NET_PROGRAM_BYTES, stdout) != NET_PROGRAM_BYTES;\n}\n");
  const std::string in_folder = "cd '" + path("") + "' && ",
                    compiler = std::string(VITRO_C_COMPILER) + " -Wall -Wextra -Werror ";
  ASSERT_EQ(
      shell(in_folder + compiler + "-DHEADER='\"a.h\"' main.c a.S -o dump && ./dump > dumped"), 0)
      << read_bytes(path("shell.log"));
  EXPECT_TRUE(read_bytes(path("dumped")) == bytes);
  for (const std::string machine : {"x86_64", "aarch64", "arm"}) {
    SCOPED_TRACE(machine);
    const Json object = run_json(
        {"emit", "-m", model, "--object", machine, "-o", path(machine + ".o"), "--name", "net"});
    EXPECT_EQ(object.at("machine"), machine);
    EXPECT_EQ(object.at("file_bytes"), std::filesystem::file_size(path(machine + ".o")));
    ASSERT_EQ(shell(in_folder + "readelf -Wa " + machine + ".o > elf 2> complaints"), 0);
    EXPECT_EQ(read_bytes(path("complaints")), "");
    EXPECT_NE(read_bytes(path("elf")).find("GLOBAL DEFAULT    1 net_program"), std::string::npos)
        << read_bytes(path("elf"));
#if defined(__x86_64__)
    if (machine != "x86_64") continue;
#elif defined(__aarch64__)
    if (machine != "aarch64") continue;
#else
    continue;
#endif
    ASSERT_EQ(shell(in_folder + compiler + "-DHEADER='\"" + machine + ".h\"' main.c " + machine +
                    ".o -o dump && ./dump > dumped"),
              0)
        << read_bytes(path("shell.log"));
    EXPECT_TRUE(read_bytes(path("dumped")) == bytes);
  }
  expect_wrong_usage({"emit", "-m", model, "--object", "z80", "-o", path("a.o")}, "--object");
  expect_wrong_usage({"emit", "-m", model, "--object", "arm", "-o", path("a.obj")}, "--output");
  expect_wrong_usage({"emit", "-m", model, "--assembly", "-o", path("a.s")}, "--output");
}

TEST_F(EmitTest, RuntimeSources) {
  const std::string model = program();
  const Json all = run_json({"emit", "--runtime", path("all")});
  EXPECT_EQ(all.at("kind"), "runtime");
  EXPECT_GT(all.at("files"), 100);
  for (const char* file : {"LICENSE", "Makefile", "README.md", "src/vitro/vitro.h",
                           "src/runtime/kernels/linear/linear_avx2.cpp"})
    EXPECT_TRUE(std::filesystem::exists(path("all") + "/" + file)) << file;
  EXPECT_TRUE(read_bytes(path("all") + "/src/runtime/program/run.cpp") ==
              read_bytes(VITRO_SOURCES "/runtime/program/run.cpp"));
  // With those that SMMLA's kernels build upon, and without a header that nobody includes.
  run_json({"emit", "--runtime", path("some"), "--isas", "neon_i8mm,dsp"});
  const auto has = [&](const char* file) {
    return std::filesystem::exists(path("some") + "/src/runtime/kernels/" + file);
  };
  for (const char* file : {"linear/linear_neon.cpp", "linear/linear_neon_dotprod.cpp",
                           "linear/linear_dsp.cpp", "tiles/dsp_tile.h", "rows/rows_reference.cpp"})
    EXPECT_TRUE(has(file)) << file;
  for (const char* file : {"linear/linear_helium.cpp", "tiles/helium_tile.h", "rows/rows_avx2.cpp",
                           "tiles/avx2_tile.h", "attention/avx512_softmax.h"})
    EXPECT_FALSE(has(file)) << file;
  // A folder that has something in it stays as it is.
  write("all/mine", "");
  expect_refused({"emit", "--runtime", path("all")}, {"all", "is there already"});
  expect_refused({"emit", "--runtime", model}, {"is there already"});
  expect_refused({"emit", "--runtime", path("no/such/folder/") + "x\ny"}, {"cannot be made"});
  expect_wrong_usage({"emit", "--runtime", path("b"), "-m", model}, "--model");
  expect_wrong_usage({"emit", "--runtime", path("b"), "--isas", "sse"}, "--isas");
  expect_wrong_usage({"emit", "-m", model, "--c-array", "-o", path("a.c"), "--isas", "dsp"},
                     "--isas");
  EXPECT_FALSE(std::filesystem::exists(path("b")));
}

TEST_F(EmitTest, CArrayNames) {
  const std::string model = program();
  const auto name = [&](const std::string& file, const Arguments& more = {}) {
    Arguments arguments = {"emit", "-m", model, "--c-array", "-o", path(file)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json(arguments).at("name").get<std::string>();
  };
  EXPECT_EQ(name("deit.c"), "deit");
  EXPECT_EQ(name("2 deits.c"), "model_2_deits");
  EXPECT_EQ(name("int.c"), "model_int");
  EXPECT_EQ(name("deit.c", {"--name", "Other_3"}), "Other_3");
  EXPECT_NE(read_bytes(path("deit.h"))
                .find("extern const uint64_t Other_3_program[(OTHER_3_PROGRAM_BYTES + 7) / 8];"),
            std::string::npos);
  for (const char* wrong : {"3d", "a-b", "a b", "class", "_a", "a__b", "\xc3\xa4"})
    expect_wrong_usage({"emit", "-m", model, "--c-array", "-o", path("a.c"), "--name", wrong},
                       "--name");
}

TEST_F(EmitTest, FlashImage) {
  const std::string model = program(), bytes = read_bytes(model), first = picture("first.png"),
                    second = picture("second.bmp", 2);
  const Json facts =
      run_json({"emit", "-m", model, "--flash-image", "-o", path("flash"), "-i", first, second});
  EXPECT_EQ(facts.at("pictures"), Json({"first.png", "second.bmp"}));
  const std::string written = read_bytes(path("flash"));
  EXPECT_EQ(facts.at("file_bytes"), written.size());
  AlignedBytes memory(written.size());
  std::memcpy(memory.data(), written.data(), written.size());
  FlashImage image;
  ASSERT_EQ(open_flash_image(memory.data(), memory.size(), image), FlashStatus::sound)
      << image.fault;
  EXPECT_FALSE(image.stop);
  EXPECT_TRUE(std::string(image.program, image.program + image.program_bytes) == bytes);
  vitro_program opened;
  EXPECT_EQ(vitro_open(image.program, image.program_bytes, &opened), VITRO_OK);
  ASSERT_EQ(image.picture_count, 2u);
  for (uint32_t i = 0; i < 2; ++i) {
    const FlashPicture p = flash_picture(image, i);
    EXPECT_TRUE(p.intact);
    EXPECT_EQ(p.name, facts.at("pictures")[i]);
    EXPECT_TRUE(std::string(p.pixels, p.pixels + 16 * 16 * 3) ==
                pixels_of(model, i == 0 ? first : second));
  }
  run_json({"emit", "-m", model, "--flash-image", "-o", path("stops"), "--stop"});
  const std::string stops = read_bytes(path("stops"));
  std::memcpy(memory.data(), stops.data(), stops.size());
  ASSERT_EQ(open_flash_image(memory.data(), stops.size(), image), FlashStatus::sound);
  EXPECT_TRUE(image.stop);
  EXPECT_EQ(image.picture_count, 0u);

  const ToolResult human =
      run_tool({"emit", "-m", model, "--flash-image", "-o", path("flash"), "-i", first});
  EXPECT_EQ(human.exit_code, 0);
  for (const char* word : {"1 picture\n", "arena", "16x16"})
    EXPECT_NE(human.out.find(word), std::string::npos) << human.out;
}

TEST_F(EmitTest, Kernel) {
  const std::string model = program(), code = code_image(256), kernel = path("kernel8.img");
  run_json({"emit", "-m", model, "--flash-image", "-o", path("flash")});
  const Json facts = run_json(
      {"emit", "-m", model, "--flash-image", "-o", kernel, "--kernel", write("code.img", code)});
  EXPECT_EQ(facts.at("code_bytes"), 256);
  EXPECT_TRUE(read_bytes(kernel) == code + read_bytes(path("flash")));
  // The image with the first model can serve as the kernel for another model.
  RandomVit other;
  other.depth = 1;
  const std::string another = program("another.vitro", other);
  run_json({"emit", "-m", another, "--flash-image", "-o", path("flash")});
  run_json({"emit", "-m", another, "--flash-image", "-o", path("again.img"), "--kernel", kernel});
  EXPECT_TRUE(read_bytes(path("again.img")) == code + read_bytes(path("flash")));

  const auto refused = [&](const std::string& content, const char* word) {
    expect_refused({"emit", "-m", model, "--flash-image", "-o", path("out.img"), "--kernel",
                    write("other.img", content)},
                   {"other.img", word});
  };
  refused("", "not a code image");
  refused(std::string(1000, '\0'), "not a code image");
  refused(read_bytes(model), "not a code image");
  refused(code.substr(0, 255), "cut short");
  refused(code_image(100), "cut short");  // not a multiple of 64
  refused(code.substr(0, 8) + le32(0xffffffc0) + code.substr(12), "cut short");
  expect_refused(
      {"emit", "-m", model, "--flash-image", "-o", path("out.img"), "--kernel", path("absent")},
      {"absent", "opened"});
}

TEST_F(EmitTest, Frames) {
  const std::string model = program(), photo = picture("photo.png");
  run_json({"emit", "-m", model, "--frames", "-o", path("frames"), "-i", photo, photo, "--stop"});
  const std::string pixels = pixels_of(model, photo),
                    name = std::string("photo.png") + std::string(23, '\0');
  const std::string body = le32(16 * 16 * 3) + name + pixels, end = le32(0) + std::string(32, '\0');
  const std::string frame = "VTPI" + body + le32(crc32(0, body.data(), body.size()));
  EXPECT_TRUE(read_bytes(path("frames")) ==
              frame + frame + "VTPI" + end + le32(crc32(0, end.data(), end.size())));
}

TEST_F(EmitTest, Refusals) {
  const std::string model = program(), photo = picture("photo.png"), out = path("out.c");
  for (const char* kind : {"--c-array", "--flash-image"}) {
    expect_refused({"emit", "-m", path("absent.vitro"), kind, "-o", out}, {"absent.vitro"});
    expect_refused({"emit", "-m", photo, kind, "-o", out}, {"photo.png", "not a vitro program"});
    expect_refused({"emit", "-m", model, kind, "-o", path("no/such/folder/out.c")},
                   {"no/such/folder", "cannot be written"});
    expect_wrong_usage({"emit", "-m", model, kind, "-o", model}, "--output");
  }
  expect_refused({"emit", "-m", model, "--flash-image", "-o", out, "-i", model}, {"vit.vitro"});
  const std::string long_name = picture(std::string(30, 'n') + ".png");
  expect_refused({"emit", "-m", model, "--frames", "-o", out, "-i", long_name},
                 {"nnn.png", "32 bytes"});
  expect_wrong_usage({"emit", "-m", model, "-o", out}, "required");
  expect_wrong_usage({"emit", "-m", model, "--c-array", "--frames", "-i", photo, "-o", out},
                     "required");
  expect_wrong_usage({"emit", "-m", model, "--c-array", "-o", path("out.cpp")}, "--output");
  expect_wrong_usage({"emit", "-m", model, "--c-array", "-o", out, "-i", photo}, "--image");
  expect_wrong_usage({"emit", "-m", model, "--c-array", "-o", out, "--stop"}, "--stop");
  expect_wrong_usage({"emit", "-m", model, "--frames", "-o", out}, "--frames");
  expect_wrong_usage({"emit", "-m", model, "--frames", "-o", out, "-i", photo, "--kernel", photo},
                     "--kernel");
  expect_wrong_usage({"emit", "-m", model, "--flash-image", "-o", out, "--name", "a"}, "--name");
}

}  // namespace
}  // namespace vitro

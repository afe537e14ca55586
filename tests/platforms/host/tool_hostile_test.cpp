// SPDX-License-Identifier: Apache-2.0
// The tool in a hostile environment: files that change while it reads them, names and texts that
// try to control the terminal, pipes and devices where files are expected.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "converter/emit/emit.h"
#include "converter/emit/seal.h"
#include "platforms/firmware/crc32.h"
#include "platforms/host/inference.h"
#include "platforms/host/run_progress.h"
#include "tests/support/address_sanitizer.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

class Hostile : public ToolTest {
 protected:
  static std::vector<float> logits_of(const ProgramFile& file, uint8_t grey) {
    Inference inference(file, {});
    return inference.run(std::vector<uint8_t>(picture_bytes(file.preprocessing()), grey));
  }

  // Expects that no byte of the text controls a terminal, and that no text from a file begins a new
  // line.
  static void expect_calm(const std::string& text) {
    for (size_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const bool control = (byte < 0x20 && byte != '\n') || byte == 0x7f;
      const bool c1 =
          byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
      ASSERT_FALSE(control || c1) << "byte " << i << " of: " << testing::PrintToString(text);
    }
    EXPECT_EQ(text.find("\u202e"), std::string::npos) << text;
    EXPECT_EQ(text.find("\nfake"), std::string::npos) << text;
  }
};

TEST_F(Hostile, TheProgramMayChangeWhileItRuns) {
  const std::string model = program(), copy = path("copy.vitro");
  const std::vector<std::function<void()>> changes = {
      [&] { std::filesystem::resize_file(copy, 100); },
      [&] { std::filesystem::resize_file(copy, 0); },
      [&] { write("copy.vitro", std::string(std::filesystem::file_size(model), '\xff')); },
      [&] { std::filesystem::remove(copy); }};
  for (size_t i = 0; i < changes.size(); ++i) {
    SCOPED_TRACE(i);
    std::filesystem::copy_file(model, copy, std::filesystem::copy_options::overwrite_existing);
    const ProgramFile file(copy);
    const std::vector<float> before = logits_of(file, 100);
    const std::vector<uint8_t> golden = [&] {
      const auto* bytes = static_cast<const uint8_t*>(file.program().get()->data);
      return std::vector<uint8_t>(bytes, bytes + file.size());
    }();
    changes[i]();
    EXPECT_EQ(logits_of(file, 100), before);  // binds again
    EXPECT_TRUE(std::equal(golden.begin(), golden.end(),
                           static_cast<const uint8_t*>(file.program().get()->data)));
    EXPECT_EQ(file.preprocessing().image_width, ProgramFile(model).preprocessing().image_width);
  }
}

TEST_F(Hostile, PipesAndDevicesAreNoFiles) {
  const std::string model = program(), vit = model + ".safetensors", photo = picture("a.png"),
                    photos = pictures("photos", 2), out = path("out.vitro");
  ASSERT_EQ(mkfifo(path("pipe.calibration").c_str(), 0600), 0);
  const std::string pipe = path("pipe.calibration");
  for (const std::string& special : {pipe, std::string("/dev/zero")}) {
    SCOPED_TRACE(special);
    for (const Arguments& arguments : std::vector<Arguments>{
             {"convert", special, "-o", out},
             {"convert", vit, "-o", out, "--labels", special},
             {"convert", vit, "-o", out, "--calib", special},
             {"convert", vit, "-o", out, "--lora", special},
             {"convert", vit, "-o", out, "--prompt-tokens", special},
             {"inspect", "-m", special},
             {"inspect", "--graph", special},
             {"run", "-m", special, "-i", photo},
             {"run", "-m", model, "-i", special},
             {"verify", "-m", special},
             {"bench", "-m", special},
             {"eval", "-m", model, "--images", photos, "--labels", special},
             {"eval", "-m", model, "--images", photos, "--expect", special},
             {"eval", "-m", model, "--images", photos, "--reference", special},
             {"eval", "-m", model, "--images", photos, "--expect", photo, "--class-names", special},
             {"emit", "-m", special, "--c-array", "-o", path("a.c")},
             {"emit", "-m", model, "--flash-image", "-i", special, "-o", path("a.img")},
             {"emit", "-m", model, "--flash-image", "--kernel", special, "-o", path("a.img")}})
      expect_refused(arguments, {special});
  }
}

TEST_F(Hostile, NamesThatCSourceCannotInclude) {
  const std::string model = program();
  for (const char* name : {"x\".c", "x\\.c", "x\n.c", "x\x1b.c", "x??.c"})
    expect_wrong_usage({"emit", "-m", model, "--c-array", "-o", path(name)}, "#include");
  EXPECT_EQ(run_tool({"emit", "-m", model, "--c-array", "-o", path("a b'<.c")}).exit_code, 0);
}

constexpr char kText[] =
    "\x1b[31mred\x1b]0;owned\x07\x1b[2J\r\nfake 99.99 %  dog\t\xc2\x9b"
    "31m\xff\u202e<b>\"=1";

TEST_F(Hostile, TextOfAProgram) {
  const std::string plain = program();
  const ProgramFile file(plain);
  Draft draft;
  schema::UnPackTo(file.schema(), &draft.program);
  schema::ProgramT& p = draft.program;
  for (auto& label : p.labels) label = kText;
  if (p.labels.empty()) p.labels.assign(file.program().class_count(), kText);
  for (auto& tensor : p.tensors) tensor->name = kText;
  for (auto& step : p.steps) {
    step->name = kText;
    for (auto& op : step->ops) op->name = kText;
  }
  for (std::string* text :
       {&p.provenance->checkpoint, &p.provenance->checkpoint_sha256, &p.provenance->converter,
        &p.provenance->options, &p.provenance->quantisation})
    *text = kText;
  for (auto& setting : p.provenance->settings)
    setting->name = setting->value = setting->source = kText;
  const AlignedBytes bytes = serialise(draft);
  const std::string model =
      write("hostile.vitro", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const std::string photo = picture("a\x1b[2J\n\u202e.png"), photos = pictures("photos", 3),
                    csv = write("labels.csv", "file,label\n0.png,0\n1.png,1\n2.png,2\n");
  const std::string table = path("out.csv"), page = path("out.html"), matrix = path("m.csv");
  for (const Arguments& arguments : std::vector<Arguments>{
           {"inspect", "-m", model},
           {"inspect", "-m", model, "--json"},
           {"run", "-m", model, "-i", photo},
           {"run", "-m", model, "-i", photo, "--json"},
           {"run", "-m", model, "-i", photo, "--jsonl"},
           {"run", "-m", model, "-i", photo, "--csv", "-"},
           {"verify", "-m", model},
           {"bench", "-m", model, "-n", "1", "--profile"},
           {"eval", "-m", model, "--images", photos, "--labels", csv, "--per-class", "--csv", table,
            "--report", page, "--confusion", matrix},
           {"eval", "-m", model, "--images", photos, "--labels", csv, "--per-class", "--json"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ToolResult result = run_tool(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    expect_calm(result.out);
    expect_calm(result.err);
  }
  for (const std::string& file_name : {table, page, matrix}) expect_calm(read_bytes(file_name));
  EXPECT_NE(read_bytes(page).find("&lt;b&gt;&quot;="), std::string::npos);
  EXPECT_EQ(read_bytes(page).find("<b>\""), std::string::npos);
  const nlohmann::json facts = run_json({"inspect", "-m", model});
  std::string kept = kText;  // JSON contains it unchanged, except bytes that are not UTF-8
  kept.replace(kept.find('\xff'), 1, "\ufffd");
  EXPECT_EQ(facts.at("labels").at(0), kept);
}

// A text of a megabyte that a hundred thousand names are would be a hundred gigabytes.
TEST_F(Hostile, TextsThatShareTheirBytes) {
  const std::string plain = program();
  const ProgramFile file(plain);
  Draft draft;
  schema::UnPackTo(file.schema(), &draft.program);
  schema::ProgramT& p = draft.program;
  const std::string whole(std::filesystem::file_size(plain),
                          'x');  // what comes first ends the file
  p.tensors[0]->name = whole;
  p.tensors[1]->name = "@tensor";
  p.steps[0]->name = "@step";
  p.steps[0]->ops[0]->name = "@op";
  p.labels.assign(file.program().class_count(), "label");
  p.labels[1] = "@label";
  p.provenance->options = "@options";
  p.provenance->settings.at(0)->source = "@source";
  const AlignedBytes good = serialise(draft);
  const auto as_text = [](const AlignedBytes& bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  EXPECT_NO_THROW(ProgramFile(write("good.vitro", as_text(good))));
  const size_t at = as_text(good).find(whole) - 4;  // its length comes before it
  for (const char* name : {"@tensor", "@step", "@op", "@label", "@options", "@source"}) {
    SCOPED_TRACE(name);
    AlignedBytes bytes(good.size());
    std::memcpy(bytes.data(), good.data(), good.size());
    const size_t text = as_text(good).find(name) - 4;
    size_t references = 0;
    for (size_t i = 0; i + 4 <= text; i += 4) {
      uint32_t offset;
      std::memcpy(&offset, bytes.data() + i, 4);
      if (i + offset != text) continue;
      offset = static_cast<uint32_t>(at - i);
      std::memcpy(bytes.data() + i, &offset, 4);
      ++references;
    }
    EXPECT_EQ(references, 1u);
    seal(bytes.data(), bytes.size());
    expect_refused({"inspect", "-m", write("shared.vitro", as_text(bytes))}, {"share their bytes"});
  }
}

TEST_F(Hostile, TextOfNamesAndMessages) {
  const std::string model = program(), photos = pictures("photos", 2), out = path("out.vitro");
  const std::string name = "\x1b[2J\nfake\u202e\xff";
  const std::string folder = path(name);
  std::filesystem::create_directory(folder);
  Checkpoint odd = make_checkpoint({});
  std::string utf8 = kText;  // without the byte that is not UTF-8, as JSON requires
  utf8.erase(utf8.find('\xff'), 1);
  odd.tensors["blocks.0." + utf8] = odd.tensors.at("head.bias");
  write_safetensors(path("odd.safetensors"), odd, StoredDtype::F32);
  write(name + ".json", "{");
  for (const Arguments& arguments : std::vector<Arguments>{
           {"convert", folder, "-o", out},
           {"convert", path("odd.safetensors"), "-o", out},
           {"convert", model + ".safetensors", "-o", folder},
           {"convert", model + ".safetensors", "-o", out, "--labels", path(name + ".json")},
           {"convert", model + ".safetensors", "-o", out, "--filter", name},
           {"run", "-m", folder, "-i", photos},
           {"run", "-m", model, "-i", folder + "/absent.png"},
           {"run", "-m", model, "-i", photos, folder + "/absent.png"},
           {"run", "-m", model, "-i", photos, "--isa", name},
           {"run", "-m", model, "-i", photos, "--output", name},
           {"eval", "-m", model, "--images", photos, "--labels",
            write("l.csv", "file,label\n0.png," + name.substr(0, 4) + "\n")},
           {"eval", "-m", model, "--images", photos, "--labels",
            write("n.csv", "file,label\n" + name.substr(0, 4) + ",1\n")},
           {name},
           {"run", "--" + name},
           {"emit", "-m", model, "--flash-image", "-o", path("x.img"), "--name", name}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const ToolResult result = run_tool(arguments);
    EXPECT_NE(result.exit_code, 0);
    EXPECT_NE(result.err, "");
    expect_calm(result.out);
    expect_calm(result.err);
  }
}

// A zlib stream of `count` zeros, with 1.6 bytes for each 258 of them, followed by `empty` empty
// blocks.
std::string deflated_zeros(size_t count, size_t empty) {
  std::string out = "\x78\x01";
  uint32_t bits = 0, filled = 0;
  const auto put = [&](uint32_t value, uint32_t width) {
    bits |= value << filled;
    for (filled += width; filled >= 8; filled -= 8, bits >>= 8) out += static_cast<char>(bits);
  };
  for (size_t i = 0; i < empty; ++i) {
    put(0, 3);
    put(0, (8 - filled) % 8);
    out += std::string("\0\0\xff\xff", 4);
  }
  put(3, 3);     // the last block, with fixed codes
  put(0x0c, 8);  // a zero: 00110000, the first bit first
  for (size_t done = 1; done < count; done += 258)
    put(0xa3, 8), put(0, 5);  // repeats the last byte 258 times
  put(0, 7);
  put(0, 8);
  return out + std::string(4, '\0');  // a checksum, which is not read
}

std::string png(uint32_t width, uint32_t height, const std::string& pixels) {
  std::string out = "\x89PNG\r\n\x1a\n";
  const auto word = [](uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    return bytes;
  };
  const auto chunk = [&](const std::string& type, const std::string& data) {
    const std::string whole = type + data;
    out += word(static_cast<uint32_t>(data.size())) + whole +
           word(crc32(0, reinterpret_cast<const uint8_t*>(whole.data()), whole.size()));
  };
  chunk("IHDR", word(width) + word(height) + std::string("\x08\x02\0\0\0", 5));
  chunk("IDAT", pixels);
  chunk("IEND", "");
  return out;
}

// The memory for a picture is bounded by its pixels and its file's size, not by the size of its
// unpacked data.
TEST_F(Hostile, PicturesTakeWhatTheirPixelsNeed) {
  if (kAddressSanitizer) GTEST_SKIP() << "the address sanitizer takes memory of its own";
  const std::string model = program();
  write("sound.png", png(100, 100, deflated_zeros(100 * 301, 0)));
  EXPECT_EQ(run_tool({"run", "-m", model, "-i", path("sound.png")}).exit_code, 0);
  write("bomb.png", png(1, 1, deflated_zeros(100'000'000, 0)));
  write("empty.png", png(1, 1, deflated_zeros(4, 400'000)));
  // Measured after these were made, because a child's peak is at least this program's memory when
  // the child starts.
  const long usual = run_tool({"run", "-m", model, "-i", picture("a.png")}).peak_kib;
  for (const char* name : {"bomb.png", "empty.png"}) {
    const ToolResult result = run_tool({"run", "-m", model, "-i", path(name)});
    EXPECT_EQ(result.exit_code, 1) << name;
    const auto file_kib = static_cast<long>(std::filesystem::file_size(path(name)) / 1024);
    EXPECT_LT(result.peak_kib, usual + 4 * file_kib + 4096) << name;
  }
}

TEST_F(Hostile, ProgramsThatCostTooMuch) {
  const std::string model = program(), photos = pictures("photos", 2),
                    csv = write("labels.csv", "file,label\n0.png,0\n1.png,1\n");
  const uint64_t macs = run_json({"inspect", "-m", model}).at("macs");
  for (const Arguments& arguments :
       std::vector<Arguments>{{"run", "-m", model, "-i", photos},
                              {"verify", "-m", model},
                              {"bench", "-m", model, "-n", "1"},
                              {"eval", "-m", model, "--images", photos, "--labels", csv}}) {
    Arguments enough = arguments, less = arguments;
    enough.insert(enough.end(), {"--max-macs", std::to_string(macs)});
    less.insert(less.end(), {"--max-macs", std::to_string(macs - 1)});
    EXPECT_EQ(run_tool(enough).exit_code, 0);
    expect_refused(less, {model, std::to_string(macs), "--max-macs"});
  }
  expect_wrong_usage({"verify", "-m", model, "--max-macs", "0"}, "--max-macs");
}

// More than any program holds: said of the model, before and after it is measured.
TEST_F(Hostile, ModelsThatAreTooLarge) {
  RandomVit vit;
  vit.dim = 4, vit.hidden = 4, vit.image = 8, vit.patch = 8, vit.depth = 420;
  const std::string deep = checkpoint("deep.safetensors", vit), out = path("out.vitro");
  const ToolResult result = run_tool({"convert", deep, "--heads", "1", "-o", out});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("vitro: " + deep + ": is a larger model than the runtime takes"),
            std::string::npos)
      << result.err;
  vit.depth = 1000;
  const std::string deeper = checkpoint("deeper.safetensors", vit);
  expect_refused({"convert", deeper, "--heads", "1", "-o", out},
                 {deeper, "larger model than the runtime takes"});
}

TEST_F(Hostile, LongRunsShowHowFarTheyAre) {
  const std::string model = program();
  const ProgramFile file(model);
  EXPECT_EQ(RunProgress(file.program(), "running", 1).trace(), nullptr);
  RunProgress progress(file.program(), "running", 1'000'000);
  ASSERT_NE(progress.trace(), nullptr);
  testing::internal::CaptureStderr();
  progress.trace()(progress.context(), 1, 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "before two seconds are over";
  std::this_thread::sleep_for(std::chrono::milliseconds(2050));
  testing::internal::CaptureStderr();
  for (int run = 0; run < 500'000; ++run) {
    progress.trace()(progress.context(), 0, 0);
    progress.trace()(progress.context(), 1, 0);
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("] running   0 %"), std::string::npos) << said;
}

TEST_F(Hostile, OneBadPhotoAmongMany) {
  const std::string model = program(), photos = pictures("photos", 5);
  write("photos/2.png", "no picture");
  ASSERT_EQ(mkfifo(path("pipe.png").c_str(), 0600), 0);
  const nlohmann::json facts = run_json({"run", "-m", model, "-i", photos, path("pipe.png")}, 1);
  EXPECT_EQ(facts.at("results").size(), 4u);
  ASSERT_EQ(facts.at("errors").size(), 2u);
  EXPECT_NE(facts.at("errors")[0].at("error").get<std::string>().find("2.png"), std::string::npos);
  EXPECT_NE(facts.at("errors")[1].at("error").get<std::string>().find("pipe.png"),
            std::string::npos);
}

}  // namespace
}  // namespace vitro

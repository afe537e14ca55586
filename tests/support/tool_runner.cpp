// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tool_runner.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

extern char** environ;

namespace vitro {

using namespace converter;

namespace fs = std::filesystem;

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File temporary_file() {
  File file(std::tmpfile(), std::fclose);
  if (!file) throw std::runtime_error("no temporary file can be made");
  return file;
}

std::string content_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[4096];
  for (size_t count; (count = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
    text.append(buffer, count);
  return text;
}

}  // namespace

ToolResult run_tool(const Arguments& arguments, const std::string& stdout_path,
                    const std::string& stdin_path) {
  const File out = temporary_file(), err = temporary_file();
  std::vector<char*> argv = {const_cast<char*>("vitro")};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, stdin_path.c_str(), O_RDONLY, 0);
  if (stdout_path.empty()) {
    posix_spawn_file_actions_adddup2(&actions, fileno(out.get()), STDOUT_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, stdout_path.c_str(), O_WRONLY, 0);
  }
  posix_spawn_file_actions_adddup2(&actions, fileno(err.get()), STDERR_FILENO);
  pid_t child = 0;
  const int failure = posix_spawn(&child, VITRO_TOOL, &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error(VITRO_TOOL " cannot be started");
  int status = 0;
  struct rusage usage {};
  if (wait4(child, &status, 0, &usage) != child)
    throw std::runtime_error(VITRO_TOOL " cannot be waited for");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content_of(out.get()),
          content_of(err.get()), usage.ru_maxrss};
}

std::string read_bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

std::vector<std::string> available_isas() {
  const nlohmann::json isas = nlohmann::json::parse(run_tool({"isa", "--json"}).out).at("isas");
  return isas.get<std::vector<std::string>>();
}

std::vector<std::string> hashes(const nlohmann::json& run) {
  std::vector<std::string> all;
  for (const nlohmann::json& result : run.at("results")) all.push_back(result.at("logits_sha256"));
  return all;
}

void expect_numbers(const nlohmann::json& object, const std::vector<const char*>& keys) {
  for (const char* key : keys) {
    ASSERT_TRUE(object.contains(key)) << key;
    ASSERT_TRUE(object[key].is_number()) << key << ": " << object[key];
    EXPECT_TRUE(std::isfinite(object[key].get<double>())) << key;
  }
}

void expect_counts(const nlohmann::json& object, const std::vector<const char*>& keys) {
  for (const char* key : keys) {
    ASSERT_TRUE(object.contains(key)) << key;
    ASSERT_TRUE(object[key].is_number_unsigned()) << key << ": " << object[key];
    EXPECT_GT(object[key].get<uint64_t>(), 0u) << key;
  }
}

std::string ToolTest::picture(const std::string& name, unsigned seed, int width, int height) const {
  std::vector<uint8_t> rgb;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const unsigned ux = static_cast<unsigned>(x), uy = static_cast<unsigned>(y);
      for (unsigned c = 0; c < 3; ++c)
        rgb.push_back(static_cast<uint8_t>(ux * (3 + seed * 7 % 11 + c) +
                                           uy * (5 + seed * 3 % 13 - c) + seed * (29 + c * 40)));
    }
  std::string to = path(name);
  fs::create_directories(fs::path(to).parent_path());
  const bool png =
      fs::path(name).extension() ==
      ".png";  // not .jpg: stb_image_write's JPEG shifts negative numbers, which sanitizers stop
  const int written = png ? stbi_write_png(to.c_str(), width, height, 3, rgb.data(), width * 3)
                          : stbi_write_bmp(to.c_str(), width, height, 3, rgb.data());
  EXPECT_NE(written, 0) << to;
  return to;
}

std::string ToolTest::pictures(const std::string& name, unsigned count) const {
  for (unsigned i = 0; i < count; ++i) picture(name + "/" + std::to_string(i) + ".png", i);
  return path(name);
}

std::string ToolTest::checkpoint(const std::string& name, const RandomVit& options) const {
  write_checkpoint(path(name), options);
  return path(name);
}

std::string ToolTest::program(const std::string& name, const RandomVit& options,
                              const Arguments& more) const {
  Arguments arguments = {"convert", checkpoint(name + ".safetensors", options),
                         "-o",      path(name),
                         "--heads", std::to_string(options.heads)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ToolResult result = run_tool(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return path(name);
}

nlohmann::json ToolTest::run_json(Arguments arguments, int exit_code) const {
  arguments.push_back("--json");
  const ToolResult result = run_tool(arguments);
  EXPECT_EQ(result.exit_code, exit_code) << result.err;
  nlohmann::json object = nlohmann::json::parse(
      result.out, nullptr, false);  // fails if anything follows the first value
  EXPECT_TRUE(object.is_object()) << arguments[0] << ": " << result.out;
  return object;
}

std::map<std::string, std::string> ToolTest::contents() const {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder_))
    files[entry.path()] = entry.is_regular_file() ? read_bytes(entry.path()) : "";
  return files;
}

// Expects nothing on stdout or, where JSON was requested, one object that contains the error.
static void expect_refusal_on_stdout(const Arguments& arguments, const std::string& out) {
  const auto asks = [&](const char* option) {
    return std::find(arguments.begin(), arguments.end(), option) != arguments.end();
  };
  if (!asks("--json") && !asks("--jsonl")) {
    EXPECT_EQ(out, "");
    return;
  }
  const nlohmann::json object = nlohmann::json::parse(out, nullptr, false);
  EXPECT_TRUE(object.is_object() && object.contains("error")) << out;
}

void ToolTest::expect_refused(const Arguments& arguments,
                              const std::vector<std::string>& words) const {
  const auto before = contents();
  const ToolResult result = run_tool(arguments);
  SCOPED_TRACE(testing::PrintToString(arguments));
  EXPECT_EQ(result.exit_code, 1) << result.err;
  expect_refusal_on_stdout(arguments, result.out);
  const size_t start = result.err.find("vitro: ");  // progress may precede it
  ASSERT_NE(start, std::string::npos) << result.err;
  const std::string sentence = result.err.substr(start);
  EXPECT_EQ(sentence.find('\n'), sentence.size() - 1) << sentence;
  for (const std::string& word : words)
    EXPECT_NE(sentence.find(word), std::string::npos) << "'" << word << "' is not in: " << sentence;
  EXPECT_NE(sentence.find("; "), std::string::npos) << "no remedy: " << sentence;
  EXPECT_EQ(sentence.find("internal error"), std::string::npos) << sentence;
  EXPECT_TRUE(contents() == before) << "files were changed";
}

void ToolTest::expect_wrong_usage(const Arguments& arguments, const std::string& word) const {
  const auto before = contents();
  const ToolResult result = run_tool(arguments);
  SCOPED_TRACE(testing::PrintToString(arguments));
  EXPECT_EQ(result.exit_code, 2) << result.err;
  expect_refusal_on_stdout(arguments, result.out);
  EXPECT_NE(result.err.find(word), std::string::npos) << result.err;
  EXPECT_TRUE(contents() == before) << "files were changed";
}

}  // namespace vitro

// SPDX-License-Identifier: Apache-2.0
// vitro run with many pictures: folders, standard input, answers one by one, pictures that cannot
// be read, CSV and logits.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "converter/base/npy.h"
#include "platforms/host/csv.h"
#include "platforms/host/inference.h"
#include "tests/support/address_sanitizer.h"
#include "tests/support/tool_runner.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

using Json = nlohmann::json;
using Strings = std::vector<std::string>;

Strings images(const Json& facts) {
  Strings all;
  for (const Json& result : facts.at("results")) all.push_back(result.at("image"));
  return all;
}

Strings lines(const std::string& text) {
  Strings all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

class RunTest : public ToolTest {
 protected:
  /// Writes good/0.png, good/sub/1.png and good/sub/2.bmp; files that are not pictures; and
  /// bad/cut.png between two good pictures.
  void SetUp() override {
    ToolTest::SetUp();
    model_ = program();
    for (const char* name :
         {"good/0.png", "good/sub/1.png", "good/sub/2.bmp", "bad/a.png", "bad/z.png"})
      picture(name, static_cast<unsigned>(name[name[0] == 'g' ? 5 : 4]));
    for (const char* name : {"good/._0.png", "good/note.txt", "good/sub/b.webp"}) write(name, "x");
    const std::string whole = read_bytes(path("bad/a.png"));
    write("bad/cut.png", whole.substr(0, whole.size() / 2));
  }

  std::string model_;
};

TEST_F(RunTest, FoldersAreGoneThrough) {
  const Json facts = run_json({"run", "-m", model_, "-i", path("good"), path("bad/z.png")});
  EXPECT_EQ(images(facts), (Strings{path("good/0.png"), path("good/sub/1.png"),
                                    path("good/sub/2.bmp"), path("bad/z.png")}));
  EXPECT_EQ(facts.at("left_out"), (Json{{".txt", 1}, {".webp", 1}, {"hidden", 1}}));
  EXPECT_EQ(facts.at("errors"), Json::array());
  for (size_t i = 0; i < 4; ++i) {
    const Json& result = facts.at("results")[i];
    EXPECT_EQ(result.at("row"), i);
    Json alone = run_json({"run", "-m", model_, "-i", result.at("image")}).at("results")[0];
    EXPECT_EQ(alone.at("logits_sha256"), result.at("logits_sha256"));
    EXPECT_EQ(alone.at("top"), result.at("top"));
  }
  const ToolResult human = run_tool({"run", "-m", model_, "-i", path("good")});
  EXPECT_EQ(human.exit_code, 0);
  EXPECT_EQ(human.err, "vitro: left out: 1 .txt, 1 .webp, 1 hidden\n");
}

TEST_F(RunTest, OneBadPictureIsNotTheLossOfTheOthers) {
  const Arguments arguments = {"run", "-m", model_, "-i", path("bad"), path("absent.png"),
                               "-k",  "2"};
  const Json facts = run_json(arguments, 1);
  EXPECT_EQ(images(facts), (Strings{path("bad/a.png"), path("bad/z.png")}));
  ASSERT_EQ(facts.at("errors").size(), 2u);
  EXPECT_EQ(facts.at("errors")[0].at("image"), path("bad/cut.png"));
  EXPECT_NE(facts.at("errors")[0].at("error").get<std::string>().find("cut short; "),
            std::string::npos);
  EXPECT_EQ(facts.at("errors")[1].at("image"), path("absent.png"));

  const ToolResult human = run_tool(arguments);
  EXPECT_EQ(human.exit_code, 1);
  EXPECT_EQ(lines(human.err).size(), 2u) << human.err;
  EXPECT_EQ(human.err.find("vitro: " + path("bad/cut.png")), 0u) << human.err;
  EXPECT_NE(human.out.find(path("bad/z.png")), std::string::npos);

  Arguments by_line = arguments;
  by_line.push_back("--jsonl");
  const ToolResult answers = run_tool(by_line);
  EXPECT_EQ(answers.exit_code, 1);
  const Strings objects = lines(answers.out);
  ASSERT_EQ(objects.size(), 4u);
  EXPECT_EQ(Json::parse(objects[0]).at("logits_sha256"),
            facts.at("results")[0].at("logits_sha256"));
  EXPECT_EQ(Json::parse(objects[1]), facts.at("errors")[0]);
  EXPECT_EQ(Json::parse(objects[2]).at("top"), facts.at("results")[1].at("top"));
}

TEST_F(RunTest, NothingButBadPictures) {
  write("old.csv", "old");
  const Json facts = run_json({"run", "-m", model_, "-i", path("bad/cut.png"), path("absent.png"),
                               "--csv", path("old.csv"), "--logits", path("new.npy")},
                              1);
  EXPECT_EQ(facts.at("results"), Json::array());
  EXPECT_EQ(facts.at("errors").size(), 2u);
  EXPECT_EQ(read_bytes(path("old.csv")), "old");
  EXPECT_FALSE(std::filesystem::exists(path("new.npy")));
  expect_refused({"run", "-m", model_, "-i", path("bad/cut.png"), "--csv", path("old.csv")},
                 {"cut.png", "cut short"});
}

// The logits have a row for each answer; a picture that cannot be read has no row.
TEST_F(RunTest, CsvAndLogits) {
  const Json facts = run_json({"run", "-m", model_, "-i", path("bad"), path("good"), "-k", "3",
                               "--csv", path("out.csv"), "--logits", path("out.npy")},
                              1);
  ASSERT_EQ(facts.at("results").size(), 5u);
  const NpyReader logits(path("out.npy"));
  ASSERT_EQ(logits.rows(), 5u);
  ASSERT_EQ(logits.cols(), 10u);
  const Strings csv = lines(read_bytes(path("out.csv")));
  ASSERT_EQ(csv.size(), 6u);
  EXPECT_EQ(csv[0],
            "row,file,index_1,label_1,probability_1,index_2,label_2,probability_2,index_3,label_3,"
            "probability_3");
  for (const Json& result : facts.at("results")) {
    const size_t row = result.at("row");
    std::vector<float> values(10);
    logits.read_row(row, values.data());
    EXPECT_EQ(output_sha256(values), result.at("logits_sha256"));
    Strings fields;
    ASSERT_TRUE(split_csv_line(csv[row + 1], fields));
    ASSERT_EQ(fields.size(), 11u);
    EXPECT_EQ(fields[0], std::to_string(row));
    EXPECT_EQ(fields[1], result.at("image"));
    for (size_t rank = 0; rank < 3; ++rank) {
      const Json& top = result.at("top")[rank];
      EXPECT_EQ(fields[2 + rank * 3], std::to_string(top.at("index").get<int>()));
      EXPECT_EQ(fields[3 + rank * 3], top.at("label"));
      EXPECT_NEAR(std::stod(fields[4 + rank * 3]), top.at("probability").get<double>(), 5e-7);
    }
  }
  const ToolResult piped =
      run_tool({"run", "-m", model_, "-i", path("bad"), path("good"), "-k", "3", "--csv", "-"});
  EXPECT_EQ(piped.exit_code, 1);
  EXPECT_EQ(piped.out, read_bytes(path("out.csv")));
  EXPECT_EQ(
      lines(run_tool({"run", "-m", model_, "-i", path("good"), "-k", "100", "--csv", "-"}).out)[0]
          .find(",index_11"),
      std::string::npos);
}

TEST_F(RunTest, OutputsAreChecked) {
  const std::string photo = path("good/0.png");
  expect_refused({"run", "-m", model_, "-i", photo, "--csv", photo}, {photo, "overwritten"});
  expect_refused({"run", "-m", model_, "-i", path("good"), "--logits", model_},
                 {model_, "overwritten"});
  expect_refused({"run", "-m", model_, "-i", photo, "--csv", path("no/such/out.csv")},
                 {"no/such/out.csv", "cannot be written"});
  expect_refused({"run", "-m", model_, "-i", photo, "--logits", path("good")},
                 {path("good"), "is a folder"});
  expect_wrong_usage({"run", "-m", model_, "-i", photo, "--csv", path("x"), "--logits", path("x")},
                     "twice");
  expect_wrong_usage({"run", "-m", model_, "-i", photo, "--csv", "-", "--json"}, "--csv");
  expect_wrong_usage({"run", "-m", model_, "-i", photo, "--jsonl", "--json"}, "--jsonl");
  expect_wrong_usage({"run", "-m", model_, "-i", photo, "--logits", "-"}, "is not a file name");
}

TEST_F(RunTest, StandardInput) {
  const std::string photo = path("good/0.png");
  const Json alone = run_json({"run", "-m", model_, "-i", photo}).at("results")[0];
  const ToolResult result = run_tool({"run", "-m", model_, "-i", "-", "--json"}, "", photo);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const Json piped = Json::parse(result.out).at("results")[0];
  EXPECT_EQ(piped.at("image"), "-");
  EXPECT_EQ(piped.at("logits_sha256"), alone.at("logits_sha256"));
  const ToolResult empty = run_tool({"run", "-m", model_, "-i", "-"});
  EXPECT_EQ(empty.exit_code, 1);
  EXPECT_NE(empty.err.find("-: is empty; "), std::string::npos) << empty.err;
  expect_refused({"run", "-m", model_, "-i", "-", "-"}, {"twice"});
}

// The first answer comes before the second picture is written.
TEST_F(RunTest, AnswersComeAsTheyAreThere) {
  const std::string in = path("in"), out = path("out"), photo = path("good/0.png"),
                    bytes = read_bytes(photo);
  for (const char* format : {"", "--jsonl", "--csv"}) {
    ASSERT_EQ(mkfifo(in.c_str(), 0600), 0);
    ASSERT_EQ(mkfifo(out.c_str(), 0600), 0);
    Arguments arguments = {"run", "-m", model_, "-i", photo, "-"};
    if (*format) arguments.push_back(format);
    if (std::string(format) == "--csv") arguments.push_back("-");
    ToolResult result{};
    std::thread tool([&] { result = run_tool(arguments, out, in); });
    const int to = open(in.c_str(), O_WRONLY | O_CLOEXEC),
              from = open(out.c_str(), O_RDONLY | O_CLOEXEC);
    std::string text;
    char buffer[4096];
    const auto more = [&] {
      const ssize_t count = read(from, buffer, sizeof buffer);
      if (count > 0) text.append(buffer, static_cast<size_t>(count));
      return count > 0;
    };
    while (text.find(photo) == std::string::npos && more()) {
    }
    EXPECT_NE(text.find(photo), std::string::npos);
    EXPECT_EQ(::write(to, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    close(to);
    while (more()) {
    }
    close(from);
    tool.join();
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::filesystem::remove(in);
    std::filesystem::remove(out);
  }
}

TEST_F(RunTest, StdoutThatIsFull) {
  for (const Arguments& format : {Arguments{}, {"--json"}, {"--jsonl"}, {"--csv", "-"}}) {
    Arguments arguments = {"run", "-m", model_, "-i", path("good")};
    arguments.insert(arguments.end(), format.begin(), format.end());
    const ToolResult result = run_tool(arguments, "/dev/full");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.err.find("standard output: cannot be written"), std::string::npos)
        << result.err;
  }
}

TEST_F(RunTest, ManyPicturesTakeNoMoreMemoryThanFew) {
  if (kAddressSanitizer) GTEST_SKIP() << "the address sanitizer keeps what was freed";
  const auto peak = [&](unsigned count, const Arguments& format) {
    const std::string folder = path("many" + std::to_string(count));
    std::filesystem::create_directories(folder);
    for (unsigned i = 0; i < count; ++i) {
      std::error_code error;
      std::filesystem::create_hard_link(path("good/0.png"),
                                        folder + "/" + std::to_string(i) + ".png", error);
    }
    Arguments arguments = {"run", "-m", model_, "-i", folder};
    arguments.insert(arguments.end(), format.begin(), format.end());
    const ToolResult result = run_tool(arguments, "/dev/null");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.peak_kib;
  };
  for (const Arguments& format :
       {Arguments{}, {"--json", "--csv", path("out.csv"), "--logits", path("out.npy")}}) {
    const long few = peak(10, format), many = peak(3000, format);
    EXPECT_LT(many, few + 1500) << few;  // names take 200 bytes each
  }
}

}  // namespace
}  // namespace vitro

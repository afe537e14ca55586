// SPDX-License-Identifier: Apache-2.0
// Names, measures and the taxonomy, compared with values worked out by hand; photos of class
// folders in torchvision's order.
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "platforms/host/evaluation/class_names.h"
#include "platforms/host/evaluation/confusion.h"
#include "platforms/host/evaluation/heat_map.h"
#include "platforms/host/evaluation/outside.h"
#include "platforms/host/evaluation/photos.h"
#include "platforms/host/evaluation/scores.h"
#include "platforms/host/evaluation/taxonomy.h"
#include "platforms/host/evaluation/text.h"
#include "tests/support/temporary_folder.h"

namespace vitro {

using namespace host;

namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class EvaluationTest : public TemporaryFolderTest {
 protected:
};

void expect_words(const std::string& sentence, const Strings& words) {
  for (const std::string& word : words)
    EXPECT_NE(sentence.find(word), std::string::npos) << "'" << word << "' is not in: " << sentence;
}

const ClassNames kBirds({"n01440764 tench, Tinca tinca", "crane", "maillot", "maillot, tank suit",
                         "Great White Shark, man-eater", "crane"});

TEST(ClassNames, WholeNumberSynsetSynonym) {
  const std::vector<std::pair<std::string, size_t>> found = {{"n01440764 tench, Tinca tinca", 0},
                                                             {"tench, Tinca tinca", 0},
                                                             {"tench", 0},
                                                             {"TENCH", 0},
                                                             {" Tench ", 0},
                                                             {"n01440764", 0},
                                                             {"N01440764_tench", 0},
                                                             {"Tench, a fish", 0},
                                                             {"maillot", 2},
                                                             {"maillot, tank suit", 3},
                                                             {"great white shark", 4},
                                                             {"4", 4},
                                                             {"0", 0},
                                                             {"005", 5}};
  for (const auto& [text, index] : found) {
    ASSERT_TRUE(kBirds.find(text).index.has_value()) << text;
    EXPECT_EQ(*kBirds.find(text).index, index) << text;
  }
  EXPECT_EQ(kBirds.shown(0), "tench, Tinca tinca");
  for (const char* text :
       {"", " ", "-1", "6", "1.0", "99999999999999999999", "shark", "n01440765", "Tinca tinca"})
    EXPECT_FALSE(kBirds.find(text).index) << text;
}

TEST(ClassNames, RefusalsSayTheNearest) {
  expect_words(kBirds.explain("great whit shark").fault,
               {"'great whit shark'", "nearest is 'Great White Shark, man-eater'"});
  const ClassNames::Match crane = kBirds.explain("crane");
  EXPECT_FALSE(crane.index);
  EXPECT_TRUE(crane.known);
  expect_words(crane.fault, {"2 classes", "1 ('crane')", "5 ('crane')"});
  expect_words(kBirds.explain("6").fault, {"label 6", "6 classes"});
  expect_words(ClassNames({"", ""}).explain("cat").fault, {"no class names"});
  EXPECT_EQ(ClassNames({"", ""}).shown(1), "class 1");
  // A class that has only an id is shown by it.
  for (const char* name : {"n01440764", "n01440764 ", "n01440764_"})
    EXPECT_EQ(ClassNames({name}).shown(0), name);
  EXPECT_EQ(ClassNames({"n01440764_tench"}).shown(0), "tench");
  // Folders "0", "1", "10", "2" that torchvision numbered in this order.
  expect_words(ClassNames({"0", "1", "10", "2"}).explain("2").fault,
               {"class 3", "number of another"});
  EXPECT_EQ(*ClassNames({"0", "1", "10", "2"}).find("1").index, 1u);
}

TEST(ClassNames, EditDistance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2u);
}

TEST(Text, Printable) {
  EXPECT_EQ(shown("a\x1b[31mb\n\x7f\xc2\x9b"), "a?[31mb???");
  EXPECT_EQ(shown("\xc3\xa9\xe4\xb8\xad\xf0\x9f\x90\x95"), "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x90\x95");
  EXPECT_EQ(shown("\xff\xc3\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80"),
            "???????????"[0] + std::string(10, '?'));
  EXPECT_EQ(shown("a\xe2\x80\xaegpj.exe"), "a?gpj.exe");
  EXPECT_EQ(shown("abcdef", 3), "abc...");
  EXPECT_EQ(shown("\xc3\xa9\xc3\xa9", 2), "\xc3\xa9\xc3\xa9");
}

TEST(Text, CsvAndHtml) {
  EXPECT_EQ(csv_field("a b.jpg"), "a b.jpg");
  EXPECT_EQ(csv_field("a,\"b\".jpg"), "\"a,\"\"b\"\".jpg\"");
  for (const std::string start : {"=", "+", "-", "@"})
    EXPECT_EQ(csv_field(start + "cmd"), "'" + start + "cmd");
  EXPECT_EQ(csv_field("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
  EXPECT_EQ(csv_field("\t=1\r\n"), "?=1??");
  EXPECT_EQ(html_text("<script>\"&'\x01"), "&lt;script&gt;&quot;&amp;&#39;?");
}

// From scikit-learn 1.9.1 with y_true = [0,0,0,1,1,2,3], y_pred = [0,0,1,1,2,2,0], labels None,
// zero_division 0.
TEST(Confusion, AsScikitLearn) {
  Confusion confusion;
  const std::vector<size_t> truth = {0, 0, 0, 1, 1, 2, 3}, predicted = {0, 0, 1, 1, 2, 2, 0};
  for (size_t i = 0; i < truth.size(); ++i) confusion.add(truth[i], predicted[i]);
  const std::vector<ClassScore> classes = confusion.classes();
  ASSERT_EQ(classes.size(), 4u);
  const double precision[] = {2.0 / 3, 0.5, 0.5, 0}, recall[] = {2.0 / 3, 0.5, 1, 0},
               f1[] = {2.0 / 3, 0.5, 2.0 / 3, 0};
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_EQ(classes[c].index, c);
    EXPECT_DOUBLE_EQ(classes[c].measures.precision, precision[c]) << c;
    EXPECT_DOUBLE_EQ(classes[c].measures.recall, recall[c]) << c;
    EXPECT_DOUBLE_EQ(classes[c].measures.f1, f1[c]) << c;
  }
  EXPECT_EQ(classes[3].labelled, 1u);
  EXPECT_EQ(classes[3].predicted, 0u);
  EXPECT_DOUBLE_EQ(confusion.micro().precision, 4.0 / 7);
  EXPECT_DOUBLE_EQ(confusion.micro().recall, 4.0 / 7);
  EXPECT_DOUBLE_EQ(confusion.micro().f1, 4.0 / 7);
  EXPECT_DOUBLE_EQ(confusion.macro().precision, 5.0 / 12);
  EXPECT_DOUBLE_EQ(confusion.macro().recall, 13.0 / 24);
  EXPECT_DOUBLE_EQ(confusion.macro().f1, 11.0 / 24);
  confusion.add(3, 0);
  const std::vector<ConfusionCell> worst = confusion.worst(2);
  ASSERT_EQ(worst.size(), 2u);
  EXPECT_EQ(worst[0].label, 3u);
  EXPECT_EQ(worst[0].predicted, 0u);
  EXPECT_EQ(worst[0].count, 2u);
  EXPECT_EQ(worst[1].label, 0u);
}

TEST(Confusion, APredictionThatIsNoLabelCounts) {
  Confusion confusion;
  confusion.add(7, 9);
  ASSERT_EQ(confusion.classes().size(), 2u);
  EXPECT_EQ(confusion.classes()[1].index, 9u);
  EXPECT_EQ(confusion.classes()[1].measures.precision, 0);
  EXPECT_EQ(confusion.macro().f1, 0);
  EXPECT_EQ(Confusion().macro().f1, 0);
}

TEST(Scores, CompareAndSqnr) {
  const OutsideAnswer answer = compare({1, 2.5f, 3}, {1, 2, 4});
  EXPECT_EQ(answer.top, (std::vector<size_t>{2, 1, 0}));
  EXPECT_DOUBLE_EQ(answer.signal, 21);
  EXPECT_DOUBLE_EQ(answer.noise, 1.25);
  EXPECT_NEAR(sqnr_db(answer.signal, answer.noise), 12.2531, 1e-4);
  Comparison comparison;
  comparison.add({2, 1, 0}, answer, 1);
  comparison.add({1, 2, 0}, answer, -1);
  EXPECT_EQ(comparison.agreement(), 0.5);
  EXPECT_EQ(comparison.score.photos, 1u);
  EXPECT_EQ(comparison.score.top1, 0u);
  EXPECT_EQ(comparison.score.top5, 1u);
}

// The worked example of platforms/host/evaluation/README.md.
TEST_F(EvaluationTest, TaxonomyByHand) {
  const ClassNames classes({"bird", "cat", "dog", "car", "truck"});
  const Taxonomy taxonomy(write("tree.csv",
                                "child,parent\nanimal,thing\nvehicle,thing\nmammal,animal\nbird,"
                                "animal\ncat,mammal\ndog,mammal\ncar,vehicle\ntruck,vehicle\n"),
                          classes);
  EXPECT_EQ(taxonomy.nodes(), 9u);
  constexpr size_t kBird = 0, kCat = 1, kDog = 2, kCar = 3, kTruck = 4;
  HierarchicalScore score;
  for (const auto& [truth, predicted] :
       {std::pair(kCat, kDog), std::pair(kCat, kCat), std::pair(kBird, kCar),
        std::pair(kTruck, kCar), std::pair(kDog, kBird)})
    score.add(taxonomy.distance(truth, predicted), truth == predicted);
  EXPECT_DOUBLE_EQ(score.precision(), 7.0 / 12);
  EXPECT_DOUBLE_EQ(score.recall(), 7.0 / 13);
  EXPECT_DOUBLE_EQ(score.f1(), 14.0 / 25);
  EXPECT_DOUBLE_EQ(score.lca_depth(), 1.4);
  EXPECT_DOUBLE_EQ(score.lca_depth_of_mistakes(), 1.0);
  EXPECT_DOUBLE_EQ(score.tree_error(), 2.2);
}

TEST_F(EvaluationTest, TaxonomyFindsClasses) {
  // Classes are found by whole name, synset id, first synonym or number; a class may have others
  // below it.
  const ClassNames classes({"n01440764 tench, Tinca tinca", "fish", "Shark, man-eater", ""});
  const Taxonomy taxonomy(
      write("tree.csv", "n01440764,fish\nshark,fish\nfish,all\n3,all\n\"a, b\",all\n"), classes);
  EXPECT_EQ(taxonomy.distance(0, 1).path, 1u);
  EXPECT_EQ(taxonomy.distance(0, 1).lca_depth, 1u);
  EXPECT_EQ(taxonomy.distance(0, 2).path, 2u);
  EXPECT_EQ(taxonomy.distance(0, 3).path, 3u);
  EXPECT_EQ(taxonomy.distance(3, 3).path, 0u);
}

TEST_F(EvaluationTest, TaxonomiesThatAreNone) {
  const ClassNames classes({"cat", "dog"});
  const auto refused = [&](const std::string& text, const Strings& words, const ClassNames& of) {
    expect_words(refusal([&] { Taxonomy(write("tree.csv", text), of); }), words);
  };
  refused("", {"is empty"}, classes);
  refused("child,parent\n", {"no nodes"}, classes);
  refused("cat,animal\ndog\n", {"line 2", "child,parent"}, classes);
  refused("cat,animal\ndog,\n", {"line 2"}, classes);
  refused("cat,animal\n\"dog,animal\n", {"line 2"}, classes);
  refused("cat,animal\n\ndog,animal\n", {"line 2"}, classes);
  refused("cat,animal\ndog,animal\ncat,thing\n", {"line 3", "'cat'", "'animal'"}, classes);
  refused("cat,animal\ndog,thing\n", {"2 roots", "'animal'", "'thing'"}, classes);
  refused("cat,dog\ndog,cat\n", {"cycle"}, classes);
  refused("cat,root\ndog,root\na,b\nb,c\nc,b\n", {"cycle", "its own ancestor"}, classes);
  refused("cat,cat\ndog,animal\n", {"cycle", "'cat'"}, classes);
  refused("cat,animal\ndogs,animal\n", {"class 1", "'dog'"}, classes);
  refused("crane,animal\n", {"'crane'", "class 0 or 1"}, ClassNames({"crane", "crane"}));
  refused("Cat,animal\ncat,animal\n", {"two nodes", "class 0"}, ClassNames({"CAT"}));
  std::string chain;
  for (int i = 0; i < 200000; ++i)
    chain += std::to_string(i + 10) + "," + std::to_string(i + 11) + "\n";
  refused(chain, {"class 0"}, classes);
}

TEST_F(EvaluationTest, ClassFoldersInTorchvisionsOrder) {
  // The order of sorted(os.walk()): "cat/a", "cat/a-b" and "cat/a/b" are separate folders, each
  // with its files in order.
  for (const char* name : {"dog/z.jpg", "dog/A.PNG", "cat/b.jpg", "cat/a/2.jpg", "cat/a/b/3.jpg",
                           "cat/a-b/4.jpg", "cat/a/notes.txt", "loose.jpg", ".hidden/x.jpg"})
    write(name, "");
  const PhotoSet set = find_photos(path(), "", ClassNames({"dog", "cat"}));
  EXPECT_TRUE(set.labelled);
  Strings names;
  std::vector<int> labels;
  for (size_t i = 0; i < set.photos.size(); ++i) {
    names.push_back(set.name(i));
    labels.push_back(set.photos[i].label);
  }
  EXPECT_EQ(names, (Strings{"cat/b.jpg", "cat/a/2.jpg", "cat/a-b/4.jpg", "cat/a/b/3.jpg",
                            "dog/A.PNG", "dog/z.jpg"}));
  EXPECT_EQ(labels, (std::vector<int>{1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(find_photos("", path(), ClassNames({"dog", "cat"})).photos.size(), 6u);
}

TEST_F(EvaluationTest, ClassFoldersByNumberAndByOrder) {
  for (const char* name : {"0/a.jpg", "1/a.jpg", "10/a.jpg", "2/a.jpg"}) write(name, "");
  const auto labels = [&](const Strings& names) {
    std::vector<int> out;
    for (const EvalPhoto& photo : find_photos(path(), "", ClassNames(names)).photos)
      out.push_back(photo.label);
    return out;
  };
  EXPECT_EQ(labels(Strings(11)), (std::vector<int>{0, 1, 10, 2}));
  EXPECT_EQ(labels({"0", "1", "10", "2"}), (std::vector<int>{0, 1, 2, 3}))
      << "the program's own names are surer than numbers";
  fs::remove_all(path("10"));
  fs::create_directories(path("empty"));
  for (const char* name : {"0", "1", "2"})
    fs::rename(path(name), path(std::string("class ") + name));
  EXPECT_EQ(labels({"a", "b", "c", "d"}), (std::vector<int>{0, 1, 2}))
      << "in order, folders without photos counted";
  expect_words(refusal([&] {
                 labels({"a", "b", "c"});
               }),
               {"class folder", "'class 0'", "4 class folders for 3 classes"});
  expect_words(refusal([&] {
                 labels({"class 0", "b", "c", "d"});
               }),
               {"'class 1'", "nearest is 'class 0'"});
}

TEST_F(EvaluationTest, PhotosWithoutLabels) {
  write("b.png", "");
  write("a.png", "");
  const PhotoSet set = find_photos(path(), "", ClassNames({"cat"}));
  EXPECT_FALSE(set.labelled);
  ASSERT_EQ(set.photos.size(), 2u);
  EXPECT_EQ(set.name(0), "a.png");
  EXPECT_EQ(set.photos[0].label, -1);
  expect_words(refusal([&] { find_photos("", path(), ClassNames({"cat"})); }),
               {"without class folders"});
}

TEST_F(EvaluationTest, LabelsByNameInACsv) {
  write("a.png", "");
  write("b.png", "");
  const ClassNames classes({"cat", "dog, hound"});
  const auto labels = [&](const std::string& text) {
    return find_photos(path(), write("labels.csv", text), classes);
  };
  const PhotoSet set = labels("label,file\ndog,a.png\n\"dog, hound\",a.png\n0,b.png\nCAT,b.png\n");
  ASSERT_EQ(set.photos.size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(set.photos[i].label, i < 2 ? 1 : 0) << i;
  expect_words(refusal([&] { labels("label,file\ndog,a.png\ndogg,a.png\n"); }),
               {"labels.csv", "line 3", "'dogg'", "'dog, hound'"});
  expect_words(refusal([&] { labels("label,file\n2,a.png\n"); }),
               {"line 2", "label 2", "2 classes"});
  expect_words(refusal([&] { labels("label,file\n,a.png\n"); }), {"line 2"});
}

TEST(Outside, PreprocessingDifferences) {
  Preprocessing program, reference;
  EXPECT_TRUE(preprocessing_differences(program, reference).empty());
  reference.mode = ResizeMode::Exact;
  reference.mean[1] = 0.5f;
  reference.filter = ResizeFilter::Bilinear;
  const std::vector<Difference> differences = preprocessing_differences(program, reference);
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_EQ(differences[0].name + differences[0].program + differences[0].reference,
            "resize modeshorter sideexact");
  EXPECT_EQ(differences[1].reference, "bilinear");
  EXPECT_EQ(differences[2].program, "0.485,0.456,0.406");
  EXPECT_EQ(differences[2].reference, "0.485,0.5,0.406");
  const char* const kModes[] = {"shorter side", "longer side", "exact", "none", "cover"};
  for (uint8_t mode = 0; mode < 5; ++mode) {
    reference = program;
    reference.mode = static_cast<ResizeMode>(mode);
    program.mode = static_cast<ResizeMode>((mode + 1) % 5);
    const Difference one = preprocessing_differences(program, reference).at(0);
    EXPECT_EQ(one.reference, kModes[mode]);
    EXPECT_EQ(one.program, kModes[(mode + 1) % 5]);
  }
  reference = program;
  reference.passes = PassOrder::RowsFirst;
  EXPECT_EQ(preprocessing_differences(program, reference).at(0).reference, "rows first");
}

TEST(HeatMap, CellsAndEscapes) {
  Confusion confusion;
  confusion.add(0, 0);
  confusion.add(0, 1);
  const std::string svg = heat_map_svg(confusion, ClassNames({"<a>", "b"}));
  expect_words(svg, {"<svg", "&lt;a&gt; taken for b: 1 of 2", "</svg>"});
  EXPECT_EQ(svg.find("<a>"), std::string::npos);
  EXPECT_EQ(heat_map_svg(Confusion(), ClassNames({"a"})), "");
}

}  // namespace
}  // namespace vitro

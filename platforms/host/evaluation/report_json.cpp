// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "platforms/host/evaluation/reports.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/pictures/picture.h"

namespace vitro::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kConfusionsInJson = 20;

Json measures_json(const Measures& m) {
  return {{"precision", m.precision}, {"recall", m.recall}, {"f1", m.f1}};
}

Json cell_json(const EvalResult& result, const ConfusionCell& cell) {
  return {{"label", cell.label},
          {"label_name", shown(result.classes.shown(cell.label))},
          {"predicted", cell.predicted},
          {"predicted_name", shown(result.classes.shown(cell.predicted))},
          {"count", cell.count}};
}

Json comparison_json(const EvalResult& result, size_t i) {
  const OutsideLogits& source = *result.outside[i];
  const Comparison& comparison = result.comparisons[i];
  const auto share = [&](double value) {
    return result.photos.labelled ? Json(value) : Json(nullptr);
  };
  Json out = {{"file", shown(source.file())},
              {"top1", share(comparison.score.share1())},
              {"top5", share(comparison.score.share5())},
              {"agreement", comparison.agreement()},
              {"logit_sqnr_db", sqnr_db(comparison.signal, comparison.noise)},
              {"disagreements", comparison.photos - comparison.agreed}};
  out["disagreement_list"] = Json::array();
  for (const Disagreement& d : result.disagreements[i])
    out["disagreement_list"].push_back(
        {{"image", shown(result.photos.name(d.photo))},
         {"program", d.program},
         {"program_name", shown(result.classes.shown(d.program))},
         {source.name(), d.outside},
         {source.name() + "_name", shown(result.classes.shown(d.outside))}});
  if (source.name() != "reference") return out;
  out["preprocessing_differences"] = Json::array();
  for (const Difference& difference : source.differences())
    out["preprocessing_differences"].push_back({{"name", difference.name},
                                                {"program", difference.program},
                                                {"reference", difference.reference}});
  out["preprocessing_as_in_program"] = source.assumed();
  return out;
}

}  // namespace

nlohmann::ordered_json eval_json(const EvalResult& result, bool per_class, bool confusion) {
  const bool labelled = result.photos.labelled;
  const auto if_labelled = [&](double value) { return labelled ? Json(value) : Json(nullptr); };
  Json out = {{"images", result.answered},
              {"top1", if_labelled(result.score.share1())},
              {"top5", if_labelled(result.score.share5())},
              {"reference_top1", nullptr},
              {"reference_top5", nullptr},
              {"agreement", nullptr},
              {"logit_sqnr_db", nullptr},
              {"isa", result.isa},
              {"linear", result.linear},
              {"jpeg_decoder", jpeg_decoder()},
              {"failed", result.failed}};
  // The first keys are the float model's where there is one, the file's otherwise.
  for (size_t i = 0; i < result.outside.size(); ++i) {
    const Comparison& comparison = result.comparisons[i];
    out["reference_top1"] = if_labelled(comparison.score.share1());
    out["reference_top5"] = if_labelled(comparison.score.share5());
    out["agreement"] = comparison.agreement();
    out["logit_sqnr_db"] = sqnr_db(comparison.signal, comparison.noise);
  }
  for (size_t i = 0; i < result.outside.size(); ++i)
    out[result.outside[i]->name()] = comparison_json(result, i);
  if (!labelled) return out;

  out["labels"] = result.photos.how;
  out["micro"] = measures_json(result.confusion.micro());
  out["macro"] = measures_json(result.confusion.macro());
  out["confusions"] = Json::array();
  for (const ConfusionCell& cell : result.confusion.worst(kConfusionsInJson))
    out["confusions"].push_back(cell_json(result, cell));
  if (result.taxonomy) {
    const HierarchicalScore& h = result.hierarchical;
    out["taxonomy"] = {
        {"nodes", result.taxonomy->nodes()},
        {"hierarchical_precision", h.precision()},
        {"hierarchical_recall", h.recall()},
        {"hierarchical_f1", h.f1()},
        {"lca_depth", h.lca_depth()},
        {"lca_depth_of_mistakes", h.mistakes() ? Json(h.lca_depth_of_mistakes()) : Json(nullptr)},
        {"tree_induced_error", h.tree_error()}};
  }
  if (per_class) {
    out["per_class"] = Json::array();
    for (const ClassScore& score : result.confusion.classes())
      out["per_class"].push_back({{"class", score.index},
                                  {"name", shown(result.classes.shown(score.index))},
                                  {"precision", score.measures.precision},
                                  {"recall", score.measures.recall},
                                  {"f1", score.measures.f1},
                                  {"support", score.labelled},
                                  {"predicted", score.predicted},
                                  {"right", score.right}});
  }
  if (confusion) {
    out["confusion"] = Json::array();
    for (const ConfusionCell& cell : result.confusion.cells())
      out["confusion"].push_back(cell_json(result, cell));
  }
  return out;
}

}  // namespace vitro::host

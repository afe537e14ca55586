#include "models/model.h"

#include "models/vit/names.h"
#include "models/vit/vit.h"

namespace vitro {

Model read_model(const std::string& path, const ModelOptions& options) {
  Model model;
  model.checkpoint = read_checkpoint(path, options.state);
  NamesReport names;
  canonical_tensors(model.checkpoint, &names);
  model.settings.push_back({"names", names.spelling + (names.prefix.empty() ? "" : ", prefix " + names.prefix), "names of the tensors", false});
  if (!model.checkpoint.chosen.empty()) model.settings.push_back({"weights", model.checkpoint.chosen, "keys of the file", false});
  if (!names.chosen.empty()) model.settings.push_back({"weights", names.chosen, "prefixes of the tensors", false});
  if (!names.head.empty()) model.settings.push_back({"head", names.head, "the one linear layer beside the trunk", true});
  model.ignored = names.ignored;
  VitOptions vit;
  vit.heads = options.heads ? options.heads : names.heads;
  if (options.epsilon != 0) vit.epsilon = options.epsilon;
  model.graph = build_vit(model.checkpoint, vit);
  return model;
}

}  // namespace vitro

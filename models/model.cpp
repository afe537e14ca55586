#include "models/model.h"

#include "models/vit/vit.h"

namespace vitro {

Model read_model(const std::string& path, const ModelOptions& options) {
  Model model;
  model.checkpoint = read_checkpoint(path);
  VitOptions vit;
  vit.heads = options.heads;
  if (options.epsilon != 0) vit.epsilon = options.epsilon;
  model.graph = build_vit(model.checkpoint, vit);
  return model;
}

}  // namespace vitro

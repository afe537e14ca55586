// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds/seeds.h"

namespace vitro::fuzz {

void make_config_seeds(const std::string& folder) {
  const Seeds seeds(folder, "configs");
  const std::string config =
      R"({"architectures":["ViTForImageClassification"],"model_type":"vit","hidden_size":16,)"
      R"("num_hidden_layers":1,"num_attention_heads":1,"intermediate_size":16,"hidden_act":"gelu",)"
      R"("layer_norm_eps":1e-12,"image_size":8,"patch_size":4,"num_channels":3,"qkv_bias":true,)"
      R"("id2label":{"0":"cat","1":"dog"}})";
  const char* const processors[] = {
      "",
      R"({"image_processor_type":"ViTImageProcessor","size":{"height":8,"width":8},"resample":3})",
      (R"({"size":{"shortest_edge":9},"crop_size":{"height":8,"width":8},"do_center_crop":true,)"
       R"("do_rescale":true,"rescale_factor":0.0039,"image_mean":[0.5,0.4,0.3],)"
       R"("image_std":[0.2,0.2,0.2]})"),
      R"({"feature_extractor_type":"ViTFeatureExtractor","size":8,"do_normalize":false})"};
  for (size_t i = 0; i < 4; ++i)
    seeds.add("hugging_face_" + std::to_string(i),
              "h" + config + std::string(1, '\0') + processors[i]);
  seeds.add(
      "timm",
      R"(t{"architecture":"vit_tiny_patch4_8","num_classes":2,"num_features":16,"global_pool":)"
      R"("token","label_names":["cat","dog"],"pretrained_cfg":{"input_size":[3,8,8],)"
      R"("interpolation":"bicubic","crop_pct":0.9,"crop_mode":"center","mean":[0.5,0.5,0.5],)"
      R"("std":[0.5,0.5,0.5],"first_conv":"patch_embed.proj","classifier":"head"},)"
      R"("model_args":{"num_heads":1}})");
  seeds.add("index", R"(i{"metadata":{"total_size":9},"weight_map":{"cls_token":"a.safetensors",)"
                     R"("pos_embed":"a.safetensors","patch_embed.proj.weight":"a.safetensors"}})");
  seeds.add("adapter",
            R"(a{"peft_type":"LORA","r":4,"lora_alpha":8,"target_modules":["query","value"],)"
            R"("use_rslora":false,"rank_pattern":{"query":2},"alpha_pattern":{},"bias":"none",)"
            R"("modules_to_save":["classifier"],"task_type":null,"inference_mode":true})");
  seeds.add("labels_list", R"(l["cat","dog"])");
  seeds.add("labels_object", R"(l{"0":"cat","1":"dog"})");
  seeds.add("labels_config", R"(l{"id2label":{"0":"cat","1":"dog"}})");
}

}  // namespace vitro::fuzz

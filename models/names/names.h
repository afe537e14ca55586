// SPDX-License-Identifier: Apache-2.0
// One set of names for the tensors of a model, whoever saved it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"

namespace vitro::converter {

struct Spelling;

/// How a family's tensors are called.
struct Naming {
  const char* model;  // "a ViT"
  const char* plain;  // what of it is computed: "a plain ViT or DeiT"
  std::vector<const Spelling*> spellings;
  /// The canonical name of a tensor that no other family has beside the patch embedding; null where
  /// that alone tells.
  const char* mark = nullptr;
  /// How its head is called beside the usual names, without .weight.
  std::vector<const char*> heads = {};
  /// What its checkpoints hold beside it: names, and folders, which end in a separator. Left out.
  std::vector<const char*> beside = {};
};

/// A tensor of the checkpoint, or a part of one: a third of a fused qkv, one block of a stack of
/// blocks.
struct TensorView {
  std::string source;  // its name in the file
  bool part = false;   // not the whole tensor of that name
  std::vector<size_t> shape;
  const float* data = nullptr;  // of the checkpoint, or of `owned`
  std::shared_ptr<const std::vector<float>>
      owned;  // where the file keeps another order (JAX); else null
};

/// What was found out on the way, for people and for the program's provenance.
struct NamesReport {
  std::string spelling;  // its name: "timm", "Hugging Face" ...
  std::string prefix;    // taken off, "" if there was none
  std::string head;    // the classifier's name, where it is none of the usual ones; it was then the
                       // only linear layer that was left
  std::string chosen;  // a sentence, where one of several sets of weights was chosen; else empty
  size_t heads = 0;    // of attention, where a shape tells it (JAX); else 0
  std::vector<std::string>
      ignored;  // known not to matter for classifying, by their names in the file
};

/// By canonical name: timm's, but with `blocks.N.attn.q`, `.k` and `.v` in place of
/// `blocks.N.attn.qkv`, and `blocks.N.ls1.gamma` for every LayerScale. The patch embedding is
/// `patch_embed.proj`, the classifier `head`.
///
/// Prefixes: whatever stands before the patch embedding's name stands before every tensor of the
/// trunk and is taken off, be it one word or several. The head may stand beside the trunk at any
/// level of that prefix (`model.backbone.*` with `model.head.*` or `head.*`), under a usual name
/// (head, fc, classifier, heads.head ...), or under any other if it is the one linear layer that is
/// left over (`model.top.1.weight`).
///
/// Several sets of weights in one file: the one whose prefix contains checkpoint.state, if that is
/// given; else one with a classification head; of these a teacher's or EMA's before others, a
/// student's, target's or momentum encoder's last (as DINO, timm and MoCo v3 evaluate); else the
/// shortest prefix.
///
/// Throws InputError on tensors of other names, with what it looks like; on two names for the same
/// tensor; and on weights of whole numbers.
std::map<std::string, TensorView> canonical_tensors(const Checkpoint& checkpoint,
                                                    const Naming& naming,
                                                    NamesReport* report = nullptr);

/// The canonical name (with `attn.qkv` where the spelling fuses) of one tensor in any spelling,
/// without prefix. Empty if there is none.
std::string canonical_name(const Naming& naming, const std::string& name);

/// How well a checkpoint's names fit.
struct Recognition {
  bool fits = false;            // has the patch embedding, under any prefix, and the mark
  size_t known = 0;             // tensors that have one of the names
  std::string spelling, lacks;  // of the nearest spelling, and what it has not found
};
Recognition recognise_names(const Checkpoint& checkpoint, const Naming& naming);

/// What these names say that no computed family has, or whose they are; empty if nothing is
/// recognised.
std::string foreign_family(const std::vector<std::string>& names);

/// "pooler.dense.* (2), position_ids": all of them in one line.
std::string describe_ignored(const std::vector<std::string>& names);

/// The block of a canonical name ("blocks.N.rest"), -1 if it is not of a block.
int block_number(const std::string& canonical);

}  // namespace vitro::converter

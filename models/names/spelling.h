// SPDX-License-Identifier: Apache-2.0
// One spelling of a family's tensor names is a table; tables say nothing of prefixes and heads,
// which all spellings share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vitro::converter {

/// How the file lays a tensor out, in terms of the canonical shape.
enum class Layout {
  Same,
  Linear,       // [in, out]
  Convolution,  // [height, width, in, out]
  HeadsIn,      // [in, heads, channels]: of q, k, v
  HeadsInBias,  // [heads, channels]
  HeadsOut,     // [heads, channels, out]: of the projection
  Rows,         // without the leading dimension of 1
};

struct Name {
  std::string_view source;
  const char* canonical;
  Layout layout = Layout::Same;
};

struct Spelling {
  const char* library;  // or whose releases they are
  char separator;
  const char*
      patches;  // the name of the patch embedding's weight: what tells a trunk and its prefix
  std::vector<const char*> block_folders;  // what stands before a block's number
  const char*
      stacked_folder;  // what stands before a tensor of all blocks at once; null if there is none
  std::vector<Name> trunk, block;
  /// Of each of block_folders how it begins canonical names, where there are several stages of
  /// blocks; none: "blocks." for all.
  std::vector<const char*> canonical_folders = {};
};

/// timm's names of a block with one norm before its attention and one before its MLP, which the
/// canonical names follow, and `more` that a family has.
std::vector<Name> timm_block(const std::vector<Name>& more);

/// A block's query, key, value and output as modules of transformers 5 are named, and `more`.
std::vector<Name> transformers_block(const std::vector<Name>& more);

struct KnownName {
  std::string canonical;  // of a stack: without "blocks.N."
  Layout layout = Layout::Same;
  bool stacked = false;
};

/// `name` without its prefix; an empty canonical name if it is not of the trunk in this spelling.
KnownName look_up(const Spelling& spelling, std::string_view name);

/// The same for the classifiers of all spellings, and for those of a family's own names.
KnownName look_up_head(std::string_view name, const std::vector<const char*>& own);

/// Is this, without its prefix, a tensor that classifying does not need?
bool is_leftover(const std::string& name);

constexpr size_t kMaxPrefixes = 12;

/// All prefixes of `name` that end at a separator, the empty one first; at most kMaxPrefixes.
std::vector<std::string> prefixes_of(const std::string& name);

/// What each of these prefixes leaves of the name, the whole name first.
template <class Each>
void for_each_rest(std::string_view name, const Each& each) {
  each(name);
  for (size_t at = 0, prefixes = 1; at < name.size() && prefixes < kMaxPrefixes; ++at)
    if (name[at] == '.' || name[at] == '/') each(name.substr(at + 1)), ++prefixes;
}

bool starts_with(std::string_view text, std::string_view start);
bool ends_with(std::string_view text, std::string_view end);

}  // namespace vitro::converter

// SPDX-License-Identifier: Apache-2.0
// transformers' image processors: preprocessor_config.json, or image_processor in
// processor_config.json.
#pragma once

#include <string>

#include "models/config/model_config.h"

namespace vitro::converter {

/// What the file says, and where it says nothing, what the named class of transformers 5.24 takes.
/// `processor` is the class where the file names none.
/// `resize_is_given`: size and crop are not looked at, since options say them. Throws InputError on
/// what vitro cannot do, naming the key.
PictureConfig read_image_processor(const std::string& path, const std::string& processor,
                                   bool resize_is_given);

/// Of a model whose folder has no such file: what the class takes, marked as assumed.
PictureConfig default_image_processor(const std::string& processor, PixelSize image);

}  // namespace vitro::converter

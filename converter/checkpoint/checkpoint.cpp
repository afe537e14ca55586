#include "converter/checkpoint/checkpoint.h"

namespace vitro {

Checkpoint read_checkpoint(const std::string& path) { return read_safetensors(path); }

}  // namespace vitro

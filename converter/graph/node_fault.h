// SPDX-License-Identifier: Apache-2.0
// Why a model cannot be converted, where a layer of it is to blame.
#pragma once

#include <stdexcept>
#include <string>

namespace vitro::converter {

/// what(): "LAYER FAULT". convert() adds the file.
struct NodeFault : std::runtime_error {
  NodeFault(const std::string& layer, const std::string& fault, std::string remedy_)
      : std::runtime_error(layer + " " + fault), remedy(std::move(remedy_)) {}
  std::string remedy;
};

}  // namespace vitro::converter

// SPDX-License-Identifier: Apache-2.0
// Work on one of several pictures, which may be unreadable without harm to the others.
#pragma once

#include <functional>
#include <new>
#include <optional>
#include <string>

#include "converter/base/error.h"

namespace vitro::host {

/// What `compute` returns. Nothing, after failed(message), where the picture cannot be read or
/// needs more memory than there is. `alone`: then whatever is thrown passes on.
template <class Compute>
auto attempt(const std::string& image, bool alone,
             const std::function<void(const std::string& message)>& failed, const Compute& compute)
    -> std::optional<decltype(compute())> {
  try {
    return compute();
  } catch (const InputError& error) {
    if (alone) throw;
    failed(error.what());
  } catch (const std::bad_alloc&) {
    if (alone) throw;
    failed(InputError(image, "needs more memory than there is", "make the picture smaller").what());
  }
  return std::nullopt;
}

}  // namespace vitro::host

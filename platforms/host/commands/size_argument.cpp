// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/size_argument.h"

#include "platforms/host/commands/commands.h"

namespace vitro::host {

namespace {

constexpr size_t kMaxPixels = 4096;

}  // namespace

std::array<size_t, 2> two_sides(const std::string& option, const std::string& text,
                                const std::string& example) {
  const auto side = [&](const std::string& digits) -> size_t {
    const bool number = !digits.empty() && digits.size() <= 4 &&
                        digits.find_first_not_of("0123456789") == std::string::npos;
    const size_t pixels = number ? std::stoul(digits) : 0;
    if (pixels < 1 || pixels > kMaxPixels)
      throw UsageError(
          option, "'" + text + "' is not a size of 1 to " + std::to_string(kMaxPixels) + " pixels",
          "write " + example);
    return pixels;
  };
  const size_t x = text.find('x');
  if (x == std::string::npos) return {side(text), side(text)};
  return {side(text.substr(0, x)), side(text.substr(x + 1))};
}

}  // namespace vitro::host

# SPDX-License-Identifier: Apache-2.0
"""Mutations of picture decoding and preprocessing, and of eval's scores.

name: (file, text, mutated text, targets of the tests, filter of its cases[, preset: host-release unless given])
"""

MUTATIONS = {
    "eval's SQNR doubled": (
        "platforms/host/evaluation/scores.cpp", "return 10 * std::log10", "return 20 * std::log10", "evaluation_test", "*"),
    "the longer side rounded": (
        "platforms/host/pictures/resampler.cpp", "uint64_t{width} * p.resize_width / shorter", "(uint64_t{width} * p.resize_width + shorter / 2) / shorter",
        "image_test", "*Side*"),
    "a bicubic filter of another sharpness": (
        "platforms/host/pictures/taps.cpp", "constexpr double a = -0.5;", "constexpr double a = -0.75;", "image_test", "*KnownBytes*"),
    "the crop's margin rounded down": (
        "platforms/host/pictures/resampler.cpp", "margin % 2 == 1 && half % 2 == 1", "margin % 2 == 1 && half % 2 == 2", "image_test", "*Crop*"),
}

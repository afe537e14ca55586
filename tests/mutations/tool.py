# SPDX-License-Identifier: Apache-2.0
"""Mutations of picture decoding and preprocessing, of eval's scores, and of the command line.

name: (file, text, mutated text, targets of the tests, filter of its cases[, preset: host-release unless given])
"""

MUTATIONS = {
    "eval's SQNR doubled": (
        "platforms/host/evaluation/scores.cpp", "return 10 * std::log10", "return 20 * std::log10", "evaluation_test", "*"),
    "the float model's pixels in another order of passes": (
        "platforms/host/evaluation/reference.cpp", "{ to.passes = from.passes; }", "{ to.passes = to.passes, void(from); }", "tool_test",
        "ToolEvalTest.TheReference*"),
    "a program's labels may share their bytes": (
        "platforms/host/program_file.cpp", "for (const flat::String* label : *program.labels()) add(label);", "add(program.labels()->Get(0));",
        "tool_test", "Hostile.Texts*"),
    "the longer side rounded": (
        "runtime/picture/geometry.cpp", "width * p.resize_width / shorter", "(width * p.resize_width + shorter / 2) / shorter",
        "image_test", "*Side*"),
    "a bicubic filter of another sharpness": (
        "runtime/picture/taps.cpp", "constexpr double a = -0.5;", "constexpr double a = -0.75;", "image_test", "*KnownBytes*"),
    "the crop's margin rounded down": (
        "runtime/picture/geometry.cpp", "margin % 2 == 1 && half % 2 == 1", "margin % 2 == 1 && half % 2 == 2", "image_test", "*Crop*"),
    "files that were read forgotten": (
        "converter/base/files_read.cpp", "if (!read.wanted) return;", "if (read.wanted) return;", "tool_test", "ToolTest.NothingThatWasRead*"),
    "numbers that begin with a zero taken": (
        "platforms/host/command_line/options.cpp", "(text[0] != '0' || number == 0)", "(text[0] != '0' || number < 99)", "tool_test",
        "SignatureToolTest.Counters*"),
}

// SPDX-License-Identifier: Apache-2.0
// vitro inspect: what is in a program.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "platforms/host/commands/commands.h"
#include "runtime/core/layout.h"

namespace vitro::host {

namespace {

nlohmann::ordered_json describe_preprocessing(const Preprocessing& p) {
  return {{"image_size", p.image_width == p.image_height ? p.image_width : 0},
          {"image_width", p.image_width},
          {"image_height", p.image_height},
          {"mode", name_of(p.mode)},
          {"resize", p.resize_width != p.resize_height || p.mode == ResizeMode::Exact ||
                             p.mode == ResizeMode::Cover
                         ? nlohmann::ordered_json::array({p.resize_width, p.resize_height})
                         : nlohmann::ordered_json(p.resize_width)},
          {"filter", name_of(p.filter)},
          {"crop_rounding", name_of(p.centring)},
          {"fill", {p.fill[0], p.fill[1], p.fill[2]}},
          {"orientation", name_of(p.orientation)},
          {"rescale", p.rescale},
          {"mean", {p.mean[0], p.mean[1], p.mean[2]}},
          {"std", {p.std[0], p.std[1], p.std[2]}}};
}

nlohmann::ordered_json memory_map(const schema::Program& program) {
  nlohmann::ordered_json map = nlohmann::ordered_json::array();
  for (const schema::Tensor* t : *program.tensors())
    if (t->storage() == schema::Storage::Arena)
      map.push_back({{"tensor", t->name() ? t->name()->c_str() : ""},
                     {"format", schema::EnumNameFormat(t->format())},
                     {"rows", t->rows()},
                     {"cols", t->cols()},
                     {"offset", t->offset()},
                     {"bytes", tensor_bytes(*t)}});
  return map;
}

// SHA-256 of the file with zeros in its place, in hex; null where the program holds none.
nlohmann::ordered_json digest_of(const schema::Program& program) {
  if (!program.digest()) return nullptr;
  std::string text;
  for (const uint8_t byte : *program.digest()->bytes()) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Where the arena is not one piece (vitro_bind_memories()); scratch is a thread's.
nlohmann::ordered_json describe_memories(const Program& program) {
  vitro_memories memories{};
  program.memory_bytes(memories);
  return {{"session", memories.session.bytes},
          {"activations", memories.activations.bytes},
          {"scratch", memories.scratch.bytes}};
}

nlohmann::ordered_json describe(const ProgramFile& file) {
  const schema::Program& program = file.schema();
  nlohmann::ordered_json steps = nlohmann::ordered_json::array(),
                         schedule = nlohmann::ordered_json::array(),
                         labels = nlohmann::ordered_json::array();
  for (const OpInfo& op : list_ops(file.program()))
    steps.push_back({{"op", op.op},
                     {"name", op.name},
                     {"macs", op.work.macs},
                     {"bytes_moved", op.work.bytes},
                     {"calls", op.work.calls},
                     {"step", op.step}});
  const vitro_work_info work = file.program().work();
  for (const schema::Step* step : *program.steps())
    schedule.push_back({{"name", step->name() ? step->name()->c_str() : ""},
                        {"rows", step->rows()},
                        {"tile_rows", step->tile_rows()},
                        {"scratch_offset", step->scratch_offset()},
                        {"scratch_bytes", step->scratch_bytes()}});
  for (size_t i = 0; const char* label = file.program().label(i); ++i) labels.push_back(label);
  return {{"file", file.path()},
          {"file_bytes", file.size()},
          {"program_bytes", file.program_bytes()},
          {"arena_bytes", file.program().arena_bytes(1)},
          {"memories", describe_memories(file.program())},
          {"classes", file.program().class_count()},
          {"outputs", describe_outputs(file.program())},
          {"macs", work.macs},
          {"bytes_moved", work.bytes},
          {"calls", work.calls},
          {"constant_bytes", program.constants()->size()},
          {"golden_vectors", program.golden()->size()},
          {"digest", digest_of(program)},
          {"signature", describe_signature(file)},
          {"residual_scale", program.residual_scale()},
          {"preprocessing", describe_preprocessing(file.preprocessing())},
          {"provenance", describe_provenance(program)},
          {"steps", std::move(steps)},
          {"schedule", std::move(schedule)},
          {"memory", memory_map(program)},
          {"labels", std::move(labels)}};
}

}  // namespace

void inspect_command(const InspectCommand& command) {
  const ProgramFile file(command.model);
  const nlohmann::ordered_json facts = describe(file);
  if (command.json) {
    print_json(facts);
    return;
  }
  const schema::Program& program = file.schema();
  const Preprocessing p = file.preprocessing();
  std::printf("%s: %zu bytes, %zu of them constants; arena %zu bytes for one thread, %zu for two\n",
              shown(file.path()).c_str(), file.size(), size_t{program.constants()->size()},
              file.program().arena_bytes(1), file.program().arena_bytes(2));
  const nlohmann::ordered_json& memories = facts["memories"];
  std::printf("or in memories of their own: session %s, activations %s, scratch %s a thread\n",
              memories["session"].dump().c_str(), memories["activations"].dump().c_str(),
              memories["scratch"].dump().c_str());
  std::printf("picture %s: %s, %s, %s; times %s, mean %s, std %s\n", text_of(image_size(p)).c_str(),
              p.orientation == Orientation::Apply ? "turned upright" : "EXIF orientation ignored",
              describe_resize(p).c_str(), describe_window(p).c_str(),
              p.rescale == 1.0f / 255 ? "1/255" : text_of(p.rescale).c_str(),
              text_of(p.mean).c_str(), text_of(p.std).c_str());
  const size_t classes = file.program().class_count();
  if (classes > 0)
    std::printf("%zu classes, %s; ", classes,
                file.program().label(0) ? "labelled" : "without labels");
  const vitro_work_info work = file.program().work();
  std::printf(
      "%u golden vectors; a run: %.3f GMAC, %.1f MB read and written by %llu calls of ops\n",
      program.golden()->size(), static_cast<double>(work.macs) * 1e-9,
      static_cast<double>(work.bytes) * 1e-6, static_cast<unsigned long long>(work.calls));
  std::printf("digest: %s\n", facts["digest"].is_string()
                                  ? facts["digest"].get<std::string>().c_str()
                                  : "none: nothing tells whether the file is whole");
  if (const std::optional<Signature>& s = file.signature())
    std::printf("signed, counter %llu, key's SHA-256 %s%s\n",
                static_cast<unsigned long long>(s->counter), s->key_sha256.c_str(),
                s->verified ? "" : " (not verified: 'vitro verify --key' does)");
  for (const auto& output : facts["outputs"])
    std::printf("output %s: %s, %s x %s, %s bytes\n",
                shown(output["name"].get<std::string>()).c_str(),
                output["kind"].get<std::string>().c_str(), output["rows"].dump().c_str(),
                output["cols"].dump().c_str(), output["bytes"].dump().c_str());
  const nlohmann::ordered_json& provenance = facts["provenance"];
  for (const auto& [key, value] : provenance.items())
    if (value.is_string())
      std::printf("%s: %s\n", key.c_str(), shown(value.get<std::string>()).c_str());
  if (provenance.is_object() && !provenance["settings"].empty()) {
    std::printf("\n%-14s %-34s %s\n", "setting", "value", "from");
    for (const auto& s : provenance["settings"])
      std::printf("%-14s %-34s %s\n", shown(s["name"].get<std::string>()).c_str(),
                  shown(s["value"].get<std::string>()).c_str(),
                  shown(s["source"].get<std::string>()).c_str());
  }

  std::printf("\n%4s  %-14s %-34s %14s %12s\n", "step", "op", "name", "MAC", "bytes moved");
  for (const OpInfo& op : list_ops(file.program()))
    std::printf("%4zu  %-14s %-34s %14llu %12llu\n", op.step, op.op.c_str(), shown(op.name).c_str(),
                static_cast<unsigned long long>(op.work.macs),
                static_cast<unsigned long long>(op.work.bytes));
  std::printf("\n%-34s %-8s %14s %10s %10s\n", "tensor in the arena", "format", "shape", "offset",
              "bytes");
  for (const auto& t : facts["memory"])
    std::printf("%-34s %-8s %14s %10llu %10llu\n", shown(t["tensor"].get<std::string>()).c_str(),
                t["format"].get<std::string>().c_str(),
                (t["rows"].dump() + "x" + t["cols"].dump()).c_str(),
                t["offset"].get<unsigned long long>(), t["bytes"].get<unsigned long long>());
}

}  // namespace vitro::host

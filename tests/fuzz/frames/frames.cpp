// SPDX-License-Identifier: Apache-2.0
// Frames of cameras with all descriptions, possible or not: what is planned can be bound in exactly
// the planned workspace; a frame gives the same picture whole and line by line; nothing is read
// outside its planes, which end at forbidden pages. The input chooses the description.
#include <cstring>
#include <memory>
#include <vector>

#include "tests/fuzz/support/choices.h"
#include "tests/fuzz/support/target.h"
#include "tests/fuzz/support/written.h"
#include "tests/support/guarded_memory.h"
#include "vitro/vitro_picture.h"

namespace vitro::fuzz {

namespace {

constexpr size_t kMostPixels = 40'000;              // of a frame
constexpr size_t kMostWorkspace = size_t{1} << 24;  // bytes

// Reads numbers of two bytes from the input; 0 past its end.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  size_t next() {
    const size_t low = at_ < size_ ? data_[at_] : 0, high = at_ + 1 < size_ ? data_[at_ + 1] : 0;
    at_ += 2;
    return low | high << 8;
  }
  size_t below(size_t n) { return next() % n; }
  /// Mostly small, seldom anything.
  size_t size(size_t usual) {
    const size_t value = next();
    return value % 16 ? value / 16 % usual : static_cast<size_t>(0) - value;
  }
  /// Mostly one of `count` enumerators. Others are no values of the type, so only bytes are
  /// written.
  template <class Enum>
  void enumerator(Enum& to, size_t count) {
    const unsigned number = static_cast<unsigned>(next() % 32 ? next() % count : next());
    std::memcpy(&to, &number, sizeof to);
  }

 private:
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

vitro_preprocessing read_preprocessing(Input& in) {
  vitro_preprocessing p{};
  p.image_width = in.size(60);
  p.image_height = in.size(60);
  p.resize_width = in.size(70);
  p.resize_height = in.size(70);
  in.enumerator(p.mode, 5);
  in.enumerator(p.filter, 6);
  in.enumerator(p.centring, 2);
  in.enumerator(p.passes, 2);
  for (uint8_t& fill : p.fill) fill = static_cast<uint8_t>(in.next());
  return p;
}

vitro_frame read_frame(Input& in) {
  vitro_frame f{};
  f.width = in.size(200);
  f.height = in.size(200);
  in.enumerator(f.format, 9);
  in.enumerator(f.colours, 5);
  for (size_t& stride : f.strides) stride = in.below(3) ? 0 : in.size(900);
  if (in.below(2)) {
    f.region_left = in.size(100);
    f.region_top = in.size(100);
    f.region_width = in.size(100);
    f.region_height = in.size(100);
  }
  f.rotation = static_cast<unsigned>(in.below(16) ? in.below(4) * 90 : in.next());
  f.mirrored = static_cast<unsigned>(in.below(2));
  return f;
}

struct Plane {
  size_t line, stride, lines;  // bytes, bytes, and how many there are
  size_t bytes() const { return stride * (lines - 1) + line; }
};

std::vector<Plane> planes_of(const vitro_frame& f) {
  const size_t w2 = (f.width + 1) / 2, h2 = (f.height + 1) / 2;
  std::vector<Plane> planes;
  const auto add = [&](size_t line, size_t lines) {
    const size_t stride = f.strides[planes.size()];
    planes.push_back({line, stride ? stride : line, lines});
  };
  switch (f.format) {
    case VITRO_PIXELS_RGB:
    case VITRO_PIXELS_BGR: add(3 * f.width, f.height); break;
    case VITRO_PIXELS_RGBA:
    case VITRO_PIXELS_BGRA: add(4 * f.width, f.height); break;
    case VITRO_PIXELS_GREY: add(f.width, f.height); break;
    case VITRO_PIXELS_YUYV: add(4 * w2, f.height); break;
    case VITRO_PIXELS_NV12:
    case VITRO_PIXELS_NV21: add(f.width, f.height), add(2 * w2, h2); break;
    case VITRO_PIXELS_I420: add(f.width, f.height), add(w2, h2), add(w2, h2); break;
  }
  return planes;
}

void convert(vitro_picture* picture, const vitro_picture_info& info, const vitro_frame& frame,
             size_t pixel_bytes) {
  std::vector<std::unique_ptr<GuardedMemory>> memory;
  vitro_planes planes{};
  Choices c(frame.width * 65536 + frame.height);
  const std::vector<Plane> shapes = planes_of(frame);
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i].stride > kMostPixels * 4) return;
    memory.push_back(std::make_unique<GuardedMemory>(shapes[i].bytes()));
    for (size_t k = 0; k < shapes[i].bytes(); ++k)
      memory[i]->data()[k] = static_cast<uint8_t>(c.next());
    planes.data[i] = memory[i]->data();
    planes.bytes[i] = shapes[i].bytes();
  }
  GuardedMemory whole(pixel_bytes), by_lines(pixel_bytes);
  whole.fill(0);
  by_lines.fill(255);
  VITRO_FORGET(whole.data(), pixel_bytes);
  VITRO_FORGET(by_lines.data(), pixel_bytes);
  require(vitro_picture_convert(picture, &planes, whole.data(), pixel_bytes) == VITRO_OK,
          "a frame as it was described is refused");
  require(vitro_picture_start(picture, by_lines.data(), pixel_bytes) == VITRO_OK,
          "a second frame is refused");
  for (size_t y = info.first_row; y < info.end_row; ++y) {
    const uint8_t* lines[3] = {};
    for (size_t i = 0; i < shapes.size(); ++i)
      lines[i] = planes.data[i] + (shapes[i].lines < frame.height ? y / 2 : y) * shapes[i].stride;
    require(vitro_picture_line(picture, y, lines) == VITRO_OK, "a line that is needed is refused");
  }
  require(vitro_picture_complete(picture), "all lines came, and the picture is not complete");
  VITRO_CHECK_WRITTEN(whole.data(), pixel_bytes);
  VITRO_CHECK_WRITTEN(by_lines.data(), pixel_bytes);
  require(std::memcmp(whole.data(), by_lines.data(), pixel_bytes) == 0,
          "a frame gives another picture line by line");
  require(whole.guards_intact() && by_lines.guards_intact(), "written outside the picture");
  planes.bytes[shapes.size() - 1] -= 1;
  require(vitro_picture_convert(picture, &planes, whole.data(), pixel_bytes) == VITRO_BAD_ARGUMENT,
          "a plane that is a byte too short is accepted");
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  Input in(data, size);
  const vitro_preprocessing p = read_preprocessing(in);
  const vitro_frame frame = read_frame(in);
  if (frame.width <= 65535 && frame.height <= 65535 && frame.width * frame.height > kMostPixels)
    return -1;
  vitro_picture_info info{};
  const vitro_status status = vitro_picture_plan(&p, &frame, &info);
  require((status == VITRO_BAD_PICTURE) == (info.fault != nullptr), "a refusal without a reason");
  if (status != VITRO_OK || info.workspace_bytes > kMostWorkspace) return 0;
  GuardedMemory workspace(info.workspace_bytes);
  workspace.fill(0xc3);
  VITRO_FORGET(workspace.data(), info.workspace_bytes);
  vitro_picture* picture = nullptr;
  require(vitro_picture_bind(&p, &frame, workspace.data(), info.workspace_bytes - 1, &picture) ==
              VITRO_WORKSPACE_TOO_SMALL,
          "a workspace that is a byte too small is accepted");
  require(
      vitro_picture_bind(&p, &frame, workspace.data(), info.workspace_bytes, &picture) == VITRO_OK,
      "what was planned cannot be bound");
  convert(picture, info, frame, p.image_width * p.image_height * 3);
  require(workspace.guards_intact(), "written outside the workspace");
  return 0;
}

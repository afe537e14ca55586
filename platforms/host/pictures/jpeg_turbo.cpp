// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo, row by row: what Pillow, and so most training, decodes with. Its integer
// DCT gives the same bytes on every machine. libjpeg leaves errors by longjmp. Each call into it is
// a function here whose frame has nothing to destroy.
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>

#include <jpeglib.h>

#include <jerror.h>

#include "converter/base/error.h"
#include "platforms/host/pictures/jpeg.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/rows.h"

#ifndef LIBJPEG_TURBO_VERSION
#error \
    "this libjpeg is not libjpeg-turbo, whose pixels are the reference: configure with -DVITRO_JPEG=STB"
#endif

namespace vitro::host::pictures {

namespace {

static_assert(kMaxRowsSide <= JPEG_MAX_DIMENSION, "libjpeg's limit");

constexpr size_t kMaxCoefficientBytes = size_t{640} << 20;
constexpr size_t kMemoryForRows =
    size_t{64} << 20;  // libjpeg's own, beside the coefficients: some tens of rows

struct Span {
  const uint8_t* data;
  size_t size;
};

/// libjpeg's callbacks find it through cinfo->client_data.
struct State {
  jpeg_decompress_struct cinfo;
  jpeg_error_mgr errors;
  jpeg_source_mgr source;
  std::jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
  Span spans[3];  // of the file, with tables put between where it has none
  size_t span_count, next_span;
  bool ended;    // everything was read
  bool starved;  // and more was needed
};

State& state_of(j_common_ptr cinfo) { return *static_cast<State*>(cinfo->client_data); }
State& state_of(j_decompress_ptr cinfo) { return *static_cast<State*>(cinfo->client_data); }

[[noreturn]] void on_error(j_common_ptr cinfo) {
  State& state = state_of(cinfo);
  cinfo->err->format_message(cinfo, state.message);
  std::longjmp(state.escape, 1);
}

// Pillow passes over warnings too. But what lies behind the end would be decoded as grey, however
// large the picture says it is.
void on_message(j_common_ptr cinfo, int level) {
  State& state = state_of(cinfo);
  if (level >= 0 || cinfo->err->msg_code != JWRN_HIT_MARKER || !state.ended) return;
  state.starved = true;
  std::longjmp(state.escape, 1);
}

void ignore_text(j_common_ptr) {}
void nothing(j_decompress_ptr) {}

boolean fill(j_decompress_ptr cinfo) {
  static const JOCTET end[] = {0xFF, JPEG_EOI};
  State& state = state_of(cinfo);
  if (state.next_span < state.span_count) {
    const Span& span = state.spans[state.next_span++];
    state.source.next_input_byte = span.data;
    state.source.bytes_in_buffer = span.size;
  } else {
    state.ended = true;
    state.source.next_input_byte = end;
    state.source.bytes_in_buffer = sizeof end;
  }
  return TRUE;
}

void skip(j_decompress_ptr cinfo, long count) {
  State& state = state_of(cinfo);
  size_t left = count > 0 ? static_cast<size_t>(count) : 0;
  while (left > state.source.bytes_in_buffer) {
    if (state.ended) return;
    left -= state.source.bytes_in_buffer;
    fill(cinfo);
  }
  state.source.next_input_byte += left;
  state.source.bytes_in_buffer -= left;
}

bool create(State& state) {
  state.cinfo.err = jpeg_std_error(&state.errors);
  state.errors.error_exit = on_error;
  state.errors.emit_message = on_message;
  state.errors.output_message = ignore_text;
  state.cinfo.client_data = &state;
  if (setjmp(state.escape)) return false;
  jpeg_create_decompress(&state.cinfo);
  state.source.init_source = nothing;
  state.source.term_source = nothing;
  state.source.fill_input_buffer = fill;
  state.source.skip_input_data = skip;
  state.source.resync_to_restart = jpeg_resync_to_restart;
  state.cinfo.src = &state.source;
  return true;
}

bool start(State& state, size_t memory) {
  if (setjmp(state.escape)) return false;
  state.cinfo.mem->max_memory_to_use = static_cast<long>(memory);
  jpeg_read_header(&state.cinfo, TRUE);
  state.cinfo.out_color_space = state.cinfo.num_components == 4 ? JCS_CMYK : JCS_RGB;
  state.cinfo.dct_method = JDCT_ISLOW;
  state.cinfo.do_fancy_upsampling = TRUE;
  jpeg_start_decompress(&state.cinfo);
  return true;
}

/// Columns outside of first.. end are not decoded further than must be. Says where the remaining
/// ones begin.
bool crop(State& state, size_t first_column, size_t end_column, size_t& begin) {
  JDIMENSION offset = static_cast<JDIMENSION>(first_column),
             width = static_cast<JDIMENSION>(end_column - first_column);
  if (setjmp(state.escape)) return false;
  jpeg_crop_scanline(&state.cinfo, &offset, &width);
  begin = offset;
  return true;
}

bool skip_rows(State& state, size_t count) {
  if (setjmp(state.escape)) return false;
  if (count > 0) jpeg_skip_scanlines(&state.cinfo, static_cast<JDIMENSION>(count));
  return true;
}

// With several scans, libjpeg-turbo 2.1 counts four billion rows where it skips some of a picture
// whose components are sampled 1, 2 and 4 times in height.
bool may_skip(State& state) {
  return !jpeg_has_multiple_scans(&state.cinfo) || state.cinfo.max_v_samp_factor <= 2;
}

bool read_row(State& state, uint8_t* to) {
  if (setjmp(state.escape)) return false;
  JSAMPROW row = to;
  return jpeg_read_scanlines(&state.cinfo, &row, 1) == 1;
}

/// Whether every coefficient arrived with all its bits.
bool complete(const State& state) {
  if (!state.cinfo.coef_bits) return true;
  for (int c = 0; c < state.cinfo.num_components; ++c)
    for (int i = 0; i < DCTSIZE2; ++i)
      if (state.cinfo.coef_bits[c][i] != 0) return false;
  return true;
}

class Decoder {
 public:
  Decoder(const std::string& path, const std::vector<uint8_t>& bytes, const JpegFacts& facts)
      : path_(path), facts_(facts) {
    std::memset(&state_, 0, sizeof state_);
    const std::vector<uint8_t>& tables = standard_huffman_tables();
    if (facts.tables_missing) {
      state_.spans[0] = {bytes.data(), 2};
      state_.spans[1] = {tables.data(), tables.size()};
      state_.spans[2] = {bytes.data() + 2, bytes.size() - 2};
    } else {
      state_.spans[0] = {bytes.data(), bytes.size()};
    }
    state_.span_count = facts.tables_missing ? 3 : 1;
    check(create(state_));
  }
  ~Decoder() { jpeg_destroy_decompress(&state_.cinfo); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  void run(RowSink& sink) {
    const Region region = sink.begin(facts_.width, facts_.height, facts_.metadata.orientation());
    check(
        start(state_, (facts_.whole_in_memory ? static_cast<size_t>(facts_.coefficient_bytes) : 0) +
                          kMemoryForRows));
    if (state_.cinfo.output_width != facts_.width || state_.cinfo.output_height != facts_.height)
      refuse("contradicts itself about its size");
    const size_t samples = static_cast<size_t>(state_.cinfo.output_components),
                 begin = crop_to(region);
    std::vector<uint8_t> line(facts_.width * samples), rgb(samples == 4 ? facts_.width * 3 : 0);
    pass_over(region.first_row, line.data() + begin * samples);
    for (size_t y = region.first_row; y < region.end_row; ++y) {
      check(read_row(state_, line.data() + begin * samples));
      if (samples == 4) rgb_of_inks(line, rgb);
      sink.row(y, samples == 4 ? rgb.data() : line.data());
    }
    // To the end, so that a file that is cut short is seen: skipping the last row as well would end
    // without reading.
    if (region.end_row < facts_.height) {
      pass_over(facts_.height - 1 - region.end_row, line.data() + begin * samples);
      check(read_row(state_, line.data() + begin * samples));
    }
    if (state_.ended && !complete(state_)) refuse("is cut short");
  }

 private:
  [[noreturn]] void refuse(const std::string& fault) const {
    throw InputError(path_, fault, "copy the file again");
  }

  void check(bool went_well) const {
    if (went_well) return;
    if (state_.errors.msg_code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
    if (state_.ended || state_.starved) refuse("is cut short");
    throw InputError(path_, std::string("cannot be decoded (") + state_.message + ")",
                     "give a sound JPEG, PNG or BMP picture");
  }

  // Over rows that nobody wants; `line` has room for one.
  void pass_over(size_t rows, uint8_t* line) {
    if (may_skip(state_)) return check(skip_rows(state_, rows));
    for (size_t i = 0; i < rows; ++i) check(read_row(state_, line));
  }

  // Smooth upsampling looks one column aside, so one unit of blocks more is decoded on either side.
  // Where coefficients are missing libjpeg smooths the blocks by their neighbours', for which it
  // would take the edge of what is decoded for the picture's: then all columns are decoded.
  size_t crop_to(const Region& region) {
    if (!complete(state_)) return 0;
    const size_t unit = static_cast<size_t>(state_.cinfo.max_h_samp_factor) * DCTSIZE;
    const size_t first = region.first_column > unit ? region.first_column - unit : 0,
                 end = std::min(facts_.width, region.end_column + unit);
    size_t begin = 0;
    if (first > 0 || end < facts_.width) check(crop(state_, first, end, begin));
    return begin;
  }

  // Stored inverted, as Adobe does and Pillow takes all four-component JPEGs to be; then as Pillow
  // converts CMYK.
  void rgb_of_inks(const std::vector<uint8_t>& inks, std::vector<uint8_t>& rgb) const {
    for (size_t x = 0; x < facts_.width; ++x) {
      const uint32_t key = inks[x * 4 + 3];
      for (size_t c = 0; c < 3; ++c) {
        const uint32_t product = (255u - inks[x * 4 + c]) * key + 128;
        rgb[x * 3 + c] = static_cast<uint8_t>(key - ((product >> 8) + product) / 256);
      }
    }
  }

  const std::string& path_;
  const JpegFacts& facts_;
  State state_;
};

}  // namespace

void decode_jpeg(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink) {
  const JpegFacts facts = look_over_jpeg(path, bytes);
  const std::string size =
      "has " + std::to_string(facts.width) + " x " + std::to_string(facts.height) + " pixels, ";
  if (facts.width > kMaxRowsSide || facts.height > kMaxRowsSide)
    throw InputError(path, size + "more than 65500 a side", "make the picture smaller");
  if (facts.width > kMaxRowsPixels / facts.height)
    throw InputError(path, size + "more than 500 million", "make the picture smaller");
  if (facts.whole_in_memory && facts.coefficient_bytes > kMaxCoefficientBytes)
    throw InputError(path, size + "of which a progressive JPEG needs more than 640 MiB of memory",
                     "make it smaller, or save it as a baseline JPEG");
  if (!facts.has_end_marker && !facts.all_components_seen)
    throw InputError(path, "is cut short", "copy the file again");
  Decoder(path, bytes, facts).run(sink);
}

}  // namespace vitro::host::pictures

#define VITRO_TEXT_OF(x) #x
#define VITRO_TEXT(x) VITRO_TEXT_OF(x)
std::string vitro::host::jpeg_decoder() {
  return "libjpeg-turbo " VITRO_TEXT(LIBJPEG_TURBO_VERSION);
}

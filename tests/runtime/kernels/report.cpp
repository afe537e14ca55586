// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/kernels/report.h"

#include <string.h>

namespace vitro {
namespace {

constexpr const char* kOutputNames[] = {"f32", "s16", "gelu", "residual", "s8", "keys", "values"};
constexpr const char* kValuesNames[] = {"random", "extreme", "alternating"};
constexpr const char* kKernelNames[] = {
    "linear",      "layer_norm",      "quantise_rows", "attention", "silu",
    "affine",      "multiply",        "rotate_pairs",  "norm",      "head_norm",
    "static_norm", "static_quantise", "static_add",    "lookup",    "add_softmax"};
constexpr const char* kInPlaceNames[] = {"no", "of the first source", "of the second source"};

// Builds text with numbers, without printf.
class Text {
 public:
  explicit Text(void (*print)(const char*)) : print_(print) {}
  Text& operator<<(const char* text) {
    print_(text);
    return *this;
  }
  Text& operator<<(int64_t number) {
    char digits[24], *at = digits + sizeof digits;
    *--at = 0;
    uint64_t rest = number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
    do *--at = static_cast<char>('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (number < 0) *--at = '-';
    return *this << at;
  }
  Text& operator<<(int32_t number) { return *this << int64_t{number}; }
  Text& operator<<(size_t number) { return *this << static_cast<int64_t>(number); }
  // Prints six digits, and all bits.
  Text& operator<<(float number) {
    uint32_t bits;
    memcpy(&bits, &number, 4);
    if (bits >> 31) *this << "-";
    if ((bits & 0x7fffffff) < 0x7f800000) {
      float rest = number < 0 ? -number : number;
      int32_t exponent = 0;
      for (; rest >= 10; rest *= 0.1f) ++exponent;
      for (; rest < 1 && rest > 0; rest *= 10) --exponent;
      const int32_t digits = static_cast<int32_t>(rest * 100000);
      *this << digits / 100000 << ".";
      for (int32_t place = 10000; place > 0; place /= 10) *this << digits / place % 10;
      *this << "e" << exponent;
    }
    char hex[] = " (0x00000000)";
    for (size_t i = 0; i < 8; ++i) hex[4 + i] = "0123456789abcdef"[bits >> (28 - 4 * i) & 15];
    return *this << hex;
  }

 private:
  void (*print_)(const char*);
};

// The layout of a result: rows of elements of one type.
struct Layout {
  size_t elements, columns, element_bytes;
  bool real;
};

Layout layout_of(const Case& c) {
  switch (c.kernel) {
    case Case::Kernel::linear: {
      const LinearOutput output = c.linear.output;
      const bool packed = output == LinearOutput::keys || output == LinearOutput::values;
      const size_t bytes = element_bytes(output);
      return {c.bytes / bytes, packed ? 64 : c.linear.n, bytes, output == LinearOutput::f32};
    }
    case Case::Kernel::layer_norm: return {c.params_at, c.layer_norm.dim, 1, false};
    case Case::Kernel::quantise_rows: return {c.params_at, c.quantise_rows.dim, 1, false};
    case Case::Kernel::silu: return {c.silu.count, c.silu.count, 2, false};
    case Case::Kernel::affine: return {c.affine.m * c.affine.dim, c.affine.dim, 2, false};
    case Case::Kernel::multiply: return {c.multiply.count, c.multiply.count, 2, false};
    case Case::Kernel::rotate_pairs: return {c.bytes, c.rotate_pairs.head_dim, 1, false};
    case Case::Kernel::norm: return {c.norm.m * c.norm.dim, c.norm.dim, 2, false};
    case Case::Kernel::head_norm: return {c.bytes, c.head_norm.head_dim, 1, false};
    case Case::Kernel::static_norm: return {c.bytes, c.static_norm.dim, 1, false};
    case Case::Kernel::static_quantise:
    case Case::Kernel::lookup: return {c.bytes, c.bytes, 1, false};
    case Case::Kernel::static_add: return {c.static_add.count, c.static_add.count, 2, false};
    case Case::Kernel::add_softmax: return {c.add_softmax.tokens, c.add_softmax.tokens, 4, true};
    case Case::Kernel::attention: break;
  }
  return {c.bytes / 2, c.attention.heads * c.attention.value_dim, 2, false};
}

void print_element(Text& text, const Layout& layout, const uint8_t* values, size_t index) {
  const uint8_t* const at = values + index * layout.element_bytes;
  if (layout.real) {
    float number;
    memcpy(&number, at, sizeof number);
    text << number;
  } else if (layout.element_bytes == 2) {
    int16_t number;
    memcpy(&number, at, sizeof number);
    text << int32_t{number};
  } else {
    text << int32_t{static_cast<int8_t>(*at)};
  }
}

struct Span {
  size_t begin, end, marked;
};

void print_span(Text& text, const Layout& layout, const uint8_t* values, const Span& span) {
  for (size_t i = span.begin; i < span.end; ++i) {
    text << (i == span.marked ? " [" : " ");
    print_element(text, layout, values, i);
    if (i == span.marked) text << "]";
  }
}

// Prints the row of the first difference and the rows above and below, with a few columns on both
// sides.
void print_block(Text& text, const Layout& layout, const Difference& difference, size_t first) {
  const size_t row = first / layout.columns, column = first % layout.columns,
               wide = layout.real ? 1 : 6;
  const size_t begin = column > wide ? column - wide : 0;
  const size_t end = column + wide + 1 < layout.columns ? column + wide + 1 : layout.columns;
  for (size_t r = row > 0 ? row - 1 : 0; r <= row + 1; ++r) {
    if (r * layout.columns + end > layout.elements) return;
    text << "  row " << r << ", columns " << begin << " to " << end - 1 << "\n    expected";
    print_span(text, layout, difference.want,
               {r * layout.columns + begin, r * layout.columns + end, first});
    text << "\n    got     ";
    print_span(text, layout, difference.got,
               {r * layout.columns + begin, r * layout.columns + end, first});
    text << "\n";
  }
}

void print_arguments(Text& text, const Case& c) {
  switch (c.kernel) {
    case Case::Kernel::linear: {
      const LinearArgs& a = c.linear;
      text << "  m " << a.m << ", k " << a.k << ", n " << a.n << ", output "
           << kOutputNames[static_cast<size_t>(a.output)] << (a.is_static ? ", static" : "")
           << ", fraction_bits " << int32_t{a.fraction_bits} << ", addend "
           << (a.addend ? "yes" : "no") << ", dst_stride " << a.dst_stride << ", first_token "
           << a.first_token << ", tokens " << a.tokens << ", head_dim " << a.head_dim;
      break;
    }
    case Case::Kernel::layer_norm:
      text << "  m " << c.layer_norm.m << ", dim " << c.layer_norm.dim << ", epsilon "
           << c.layer_norm.epsilon;
      break;
    case Case::Kernel::quantise_rows:
      text << "  m " << c.quantise_rows.m << ", dim " << c.quantise_rows.dim << ", unit "
           << c.quantise_rows.unit;
      break;
    case Case::Kernel::attention: {
      const AttentionArgs& a = c.attention;
      text << "  m " << a.m << ", tokens " << a.tokens << ", heads " << a.heads << ", head_dim "
           << a.head_dim << ", value_dim " << a.value_dim << ", score_scale of head 0 "
           << a.score_scale[0] << (a.shared_keys ? ", shared keys" : "")
           << (a.shared_values ? ", shared values" : "")
           << (a.terms && a.terms->bias ? ", bias" : "")
           << (a.terms && a.terms->regions ? ", regions" : "");
      break;
    }
    case Case::Kernel::silu:
      text << "  count " << c.silu.count << ", fraction_bits " << int32_t{c.silu.fraction_bits};
      break;
    case Case::Kernel::affine:
      text << "  m " << c.affine.m << ", dim " << c.affine.dim << ", scale of column 0 "
           << c.affine.scale[0] << ", addend " << (c.affine.addend ? "yes" : "no");
      break;
    case Case::Kernel::multiply:
      text << "  count " << c.multiply.count << ", scale " << c.multiply.scale;
      break;
    case Case::Kernel::rotate_pairs:
      text << "  heads " << c.rotate_pairs.heads << ", head_dim " << c.rotate_pairs.head_dim
           << ", scale of head 0 " << c.rotate_pairs.scale[0];
      break;
    case Case::Kernel::norm:
      text << "  m " << c.norm.m << ", dim " << c.norm.dim << ", epsilon " << c.norm.epsilon
           << ", gamma and beta of column 0 " << c.norm.gamma[0] << " " << c.norm.beta[0];
      break;
    case Case::Kernel::head_norm:
      text << "  heads " << c.head_norm.heads << ", head_dim " << c.head_norm.head_dim
           << ", epsilon " << c.head_norm.epsilon << ", gain of column 0 " << c.head_norm.gain[0];
      break;
    case Case::Kernel::static_norm:
      text << "  m " << c.static_norm.m << ", dim " << c.static_norm.dim << ", epsilon "
           << c.static_norm.epsilon << ", scale " << c.static_norm.scale << ", zero_point "
           << c.static_norm.zero_point;
      break;
    case Case::Kernel::static_quantise:
      text << "  count " << c.static_quantise.count << ", scale " << c.static_quantise.scale
           << ", zero_point " << c.static_quantise.zero_point;
      break;
    case Case::Kernel::static_add:
      text << "  count " << c.static_add.count << ", scale " << c.static_add.scale;
      break;
    case Case::Kernel::lookup: text << "  count " << c.lookup.count; break;
    case Case::Kernel::add_softmax:
      text << "  tokens " << c.add_softmax.tokens << ", score_scale " << c.add_softmax.score_scale
           << ", share " << c.add_softmax.share;
      break;
  }
  text << ", in place " << kInPlaceNames[static_cast<size_t>(c.in_place)];
  text << ", values " << kValuesNames[static_cast<size_t>(c.values)] << ", seed "
       << static_cast<size_t>(c.seed) << "\n";
}

// Prints the numbers from which a linear computed the differing element. For linears that write
// rows.
void print_operands(Text& text, const LinearArgs& a, size_t row, size_t column) {
  text << "  src row: scale " << a.src_rows[row].scale << ", zero_point "
       << a.src_rows[row].zero_point << "; channel: scale " << a.scale[column] << ", bias "
       << a.bias[column] << ", weight_sum " << a.weight_sum[column];
  const size_t at = row * a.dst_stride + column;
  if (a.addend && a.output == LinearOutput::f32)
    text << "; addend " << static_cast<const float*>(a.addend)[at];
  if (a.addend && a.output == LinearOutput::residual)
    text << "; addend " << int32_t{static_cast<const int16_t*>(a.addend)[at]};
  text << "\n";
}

void print_row_params(Text& text, const Case& c, const Difference& difference) {
  const size_t rows = (c.bytes - c.params_at) / sizeof(RowParams);
  for (size_t row = 0; row < rows; ++row) {
    RowParams want, got;
    const size_t at = c.params_at + row * sizeof want;
    if (memcmp(difference.want + at, difference.got + at, sizeof want) == 0) continue;
    memcpy(&want, difference.want + at, sizeof want);
    memcpy(&got, difference.got + at, sizeof got);
    text << "  row " << row << ": expected scale " << want.scale << ", zero_point "
         << want.zero_point << "; got scale " << got.scale << ", zero_point " << got.zero_point
         << "\n";
    return;
  }
}

}  // namespace

size_t element_bytes(LinearOutput output) {
  switch (output) {
    case LinearOutput::f32: return 4;
    case LinearOutput::s16:
    case LinearOutput::gelu:
    case LinearOutput::residual: return 2;
    default: return 1;
  }
}

void report(const Case& c, const KernelTable& variant, const Difference& difference,
            void (*print)(const char* text)) {
  Text text(print);
  text << variant.isa
       << " differs from the reference: " << kKernelNames[static_cast<size_t>(c.kernel)]
       << (c.name ? " " : "") << (c.name ? c.name : "") << "\n";
  print_arguments(text, c);
  const Layout layout = layout_of(c);
  size_t first = layout.elements, count = 0;
  for (size_t i = layout.elements; i-- > 0;) {
    const size_t at = i * layout.element_bytes;
    if (memcmp(difference.want + at, difference.got + at, layout.element_bytes) == 0) continue;
    first = i;
    ++count;
  }
  if (count != 0) {
    text << "  " << count << " of " << layout.elements << " values differ\n";
    print_block(text, layout, difference, first);
    if (c.kernel == Case::Kernel::linear && layout.columns == c.linear.n)
      print_operands(text, c.linear, first / layout.columns, first % layout.columns);
  }
  if (c.params_at != 0) print_row_params(text, c, difference);
  if (difference.outside) text << "  wrote outside of dst\n";
  if (difference.outside_workspace) text << "  wrote beyond its workspace\n";
}

}  // namespace vitro

// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/product.h"

#include <xnnpack.h>

#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "converter/base/error.h"

namespace vitro::converter {

namespace {

static_assert(Product::kPadding * sizeof(float) >= XNN_EXTRA_BYTES);

void check(xnn_status status, const char* what) {
  if (status == xnn_status_success) return;
  if (status == xnn_status_out_of_memory) throw std::bad_alloc();
  throw std::runtime_error("XNNPACK: " + std::string(what) + " failed with status " +
                           std::to_string(static_cast<int>(status)));
}

// XNNPACK has one state for the whole process. (Exceptions do not pass through std::call_once where
// the C++ library is linked statically: C code is between.)
void initialise_once() {
  static const xnn_status status = xnn_initialize(nullptr);
  if (status == xnn_status_success) return;
  if (status == xnn_status_out_of_memory) throw std::bad_alloc();
  throw InputError(
      "XNNPACK",
      "does not start on this machine (status " + std::to_string(static_cast<int>(status)) + ")",
      "check that its CPU has the minimum of instructions, and that /proc and /sys "
      "can be read");
}

}  // namespace

void Product::Deleter::operator()(xnn_operator* op) const { xnn_delete_operator(op); }

Product::Product(size_t k, size_t n, size_t x_stride, size_t y_stride, const float* weight,
                 const float* bias, bool transposed) {
  initialise_once();
  xnn_operator_t op = nullptr;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  check(xnn_create_fully_connected_nc_f32(k, n, x_stride, y_stride, weight, bias, -kInfinity,
                                          kInfinity, transposed ? XNN_FLAG_TRANSPOSE_WEIGHTS : 0,
                                          &op),
        "creating a product");
  op_.reset(op);
}

void Product::run(size_t rows, const float* x, float* y) const {
  check(xnn_setup_fully_connected_nc_f32(op_.get(), rows, x, y, nullptr), "setting a product up");
  check(xnn_run_operator(op_.get(), nullptr), "a product");
}

void gram_matrix(const Matrix& x, float* out) {
  std::vector<float> transposed(x.rows * x.cols + Product::kPadding);
  for (size_t r = 0; r < x.rows; ++r)
    for (size_t c = 0; c < x.cols; ++c) transposed[c * x.rows + r] = x.row(r)[c];
  Product(x.rows, x.cols, x.rows, x.cols, transposed.data(), nullptr)
      .run(x.cols, transposed.data(), out);
}

}  // namespace vitro::converter

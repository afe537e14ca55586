// SPDX-License-Identifier: Apache-2.0
// The preprocessing of a program.
#include "runtime/schema/program_generated.h"
#include "vitro/vitro_picture.h"

extern "C" vitro_status vitro_preprocessing_of(const vitro_program* program,
                                               vitro_preprocessing* preprocessing) {
  if (!program || !program->data || !preprocessing) return VITRO_BAD_ARGUMENT;
  const auto& p = *vitro::schema::GetProgram(program->data)->preprocessing();
  *preprocessing = {};
  preprocessing->image_width = vitro_image_width(program);
  preprocessing->image_height = vitro_image_height(program);
  const bool shorter = p.mode() == vitro::schema::ResizeMode::ShorterSide;
  preprocessing->resize_width = shorter ? p.resize() : p.resize_width();
  preprocessing->resize_height = shorter ? p.resize() : p.resize_height();
  preprocessing->mode = static_cast<vitro_resize_mode>(p.mode());
  preprocessing->filter = static_cast<vitro_resize_filter>(p.filter());
  preprocessing->centring = static_cast<vitro_centring>(p.centring());
  preprocessing->passes = static_cast<vitro_pass_order>(p.passes());
  for (unsigned i = 0; p.fill() && i < 3; ++i) preprocessing->fill[i] = p.fill()->Get(i);
  return VITRO_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From a camera's frame to the picture that a program takes: colours, region, rotation, resize and
 * crop, as the program says. Fixed point and exactly rounded, so the bytes are the same on every
 * machine, and for RGB those of Pillow. Never allocates memory. */
#ifndef VITRO_VITRO_PICTURE_H_
#define VITRO_VITRO_PICTURE_H_

#include "vitro/vitro.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Pillow's filters; all but nearest antialias. */
typedef enum vitro_resize_filter {
  VITRO_FILTER_BILINEAR = 0,
  VITRO_FILTER_BICUBIC = 1,
  VITRO_FILTER_NEAREST = 2,
  VITRO_FILTER_BOX = 3,
  VITRO_FILTER_HAMMING = 4,
  VITRO_FILTER_LANCZOS = 5
} vitro_resize_filter;

typedef enum vitro_resize_mode {
  VITRO_RESIZE_SHORTER_SIDE = 0, /**< the shorter side becomes resize_width */
  VITRO_RESIZE_LONGER_SIDE = 1,  /**< the largest that fits into resize_width x resize_height */
  VITRO_RESIZE_EXACT = 2,        /**< resize_width x resize_height, whatever the proportions */
  VITRO_RESIZE_NONE = 3,
  VITRO_RESIZE_COVER = 4 /**< the smallest that covers resize_width x resize_height */
} vitro_resize_mode;

/** How an odd margin around the window is divided. */
typedef enum vitro_centring {
  VITRO_CENTRING_HALF_EVEN = 0, /**< torchvision, timm */
  VITRO_CENTRING_FLOOR = 1      /**< transformers */
} vitro_centring;

/** Along which axis pictures are resized first. */
typedef enum vitro_pass_order {
  VITRO_PASSES_ROWS_FIRST = 0, /**< Pillow before version 13 */
  VITRO_PASSES_PILLOW13 = 1    /**< columns first where the height loses much more than the width */
} vitro_pass_order;

/** How a program's pictures are made. The upright picture is resized; then the window of
 * image_width x image_height around its centre is cut out; what it does not cover is `fill`. Mean
 * and standard deviation are in the program's weights. */
typedef struct vitro_preprocessing {
  size_t image_width, image_height;   /**< pixels, 1 to 4096 */
  size_t resize_width, resize_height; /**< pixels, 1 to 4096; not used by VITRO_RESIZE_NONE */
  vitro_resize_mode mode;
  vitro_resize_filter filter;
  vitro_centring centring;
  vitro_pass_order passes;
  uint8_t fill[3]; /**< RGB */
} vitro_preprocessing;

/** The preprocessing that a program was made for. VITRO_BAD_ARGUMENT for a null pointer or a
 * program that is not open. */
vitro_status vitro_preprocessing_of(const vitro_program* program,
                                    vitro_preprocessing* preprocessing);

/** How pixels lie in memory, by bytes in rising addresses. */
typedef enum vitro_pixel_format {
  VITRO_PIXELS_RGB = 0,
  VITRO_PIXELS_BGR = 1,
  VITRO_PIXELS_RGBA = 2, /**< the fourth byte is not looked at */
  VITRO_PIXELS_BGRA = 3, /**< likewise */
  VITRO_PIXELS_GREY = 4, /**< one byte a pixel, for red, green and blue */
  VITRO_PIXELS_NV12 = 5, /**< a plane of Y, a plane of U, V for each 2 x 2 pixels */
  VITRO_PIXELS_NV21 = 6, /**< likewise with V, U */
  VITRO_PIXELS_I420 = 7, /**< a plane of Y, one of U, one of V, each for 2 x 2 pixels */
  VITRO_PIXELS_YUYV = 8  /**< one plane: Y, U, Y, V for each two pixels of a line */
} vitro_pixel_format;

/** What Y, U and V mean. Cameras say it (V4L2: ycbcr_enc and quantization). */
typedef enum vitro_colours {
  VITRO_COLOURS_UNSTATED = 0,   /**< refused for formats with Y, U and V */
  VITRO_COLOURS_BT601 = 1,      /**< Y 16 to 235, U and V 16 to 240 */
  VITRO_COLOURS_BT601_FULL = 2, /**< 0 to 255: JPEG and most USB cameras */
  VITRO_COLOURS_BT709 = 3,
  VITRO_COLOURS_BT709_FULL = 4
} vitro_colours;

/** A frame as a camera stores it. Zero-initialise it and set what there is. */
typedef struct vitro_frame {
  size_t width, height; /**< pixels, 1 to 65535 */
  vitro_pixel_format format;
  vitro_colours colours;
  size_t strides[3]; /**< bytes from one line of a plane to the next; 0: no gap between them */
  size_t region_left, region_top, region_width, region_height; /**< the part to look at, in stored
                                                                  pixels; 0 x 0: all of it */
  unsigned rotation; /**< 0, 90, 180 or 270: degrees clockwise that turn the frame upright */
  unsigned mirrored; /**< other than 0: left and right are then exchanged */
} vitro_frame;

/** What a conversion takes. */
typedef struct vitro_picture_info {
  size_t workspace_bytes;          /**< exactly what vitro_picture_bind() needs */
  size_t first_row, end_row;       /**< lines of the frame that are read, the end excluded */
  size_t first_column, end_column; /**< and their pixels */
  const char* fault; /**< after VITRO_BAD_PICTURE: what is wrong, static text; otherwise null */
} vitro_picture_info;

/** VITRO_OK, VITRO_BAD_ARGUMENT for a null pointer, or VITRO_BAD_PICTURE: then info->fault says
 * what of frame or preprocessing cannot be. */
vitro_status vitro_picture_plan(const vitro_preprocessing* preprocessing, const vitro_frame* frame,
                                vitro_picture_info* info);

typedef struct vitro_picture vitro_picture;

/** Prepares conversions of such frames in the caller's workspace, at a multiple of
 * VITRO_ALIGNMENT. The workspace contains all state. Statuses of vitro_picture_plan(),
 * VITRO_WORKSPACE_MISALIGNED, VITRO_WORKSPACE_TOO_SMALL. */
vitro_status vitro_picture_bind(const vitro_preprocessing* preprocessing, const vitro_frame* frame,
                                void* workspace, size_t workspace_bytes, vitro_picture** picture);

/** Where a frame's planes are. Planes after the first may be null: then they follow the one before
 * them, in its memory, after height lines of its stride. */
typedef struct vitro_planes {
  const uint8_t* data[3];
  size_t bytes[3]; /**< that may be read at each; of planes that are null: 0 */
} vitro_planes;

/** Converts a frame into `pixels`, vitro_input()'s `pixel_bytes` bytes. VITRO_BAD_ARGUMENT where a
 * plane is missing, has fewer bytes than its lines take, or pixel_bytes is not the picture's. */
vitro_status vitro_picture_convert(vitro_picture* picture, const vitro_planes* planes,
                                   uint8_t* pixels, size_t pixel_bytes);

/** The same line by line, as a camera delivers them: start, then vitro_picture_line() for each.
 * Nothing else may write to `pixels` until the last, so no run of a session whose input it is. */
vitro_status vitro_picture_start(vitro_picture* picture, uint8_t* pixels, size_t pixel_bytes);

/** Takes line `y` of the frame: lines[i] is where its first pixel is in plane i (of NV12, NV21 and
 * I420, line y / 2 of the other planes). Lines come in rising order, those of
 * vitro_picture_info's rows each once; others may be left out. VITRO_BAD_ARGUMENT for a line out of
 * order, after a missing one or past the end, for a null line, and before vitro_picture_start(). */
vitro_status vitro_picture_line(vitro_picture* picture, size_t y, const uint8_t* const lines[3]);

/** Whether all lines that are needed have come, so that the picture is complete. */
int vitro_picture_complete(const vitro_picture* picture);

#ifdef __cplusplus
}
#endif

#endif /* VITRO_VITRO_PICTURE_H_ */

/* SPDX-License-Identifier: Apache-2.0 */
/* For Arduino, which finds a library by a header here. */
#include "vitro/vitro.h"

# SPDX-License-Identifier: Apache-2.0
# The library and the tool, which runs, measures and verifies programs; photos are converted on a desktop. VITRO_SOURCE
# is where the release's archive is, for example file:///srv/vitro-0.1.0.tar.gz; from elsewhere it needs its checksum
# too, SRC_URI[sha256sum]. Of DEPENDS oe-core has libjpeg-turbo and meta-oe the others but stb, which comes from a layer that
# installs it as stb/stb_image.h.
SUMMARY = "Vision Transformers in int8 on edge CPUs"
DESCRIPTION = "A static library and a tool that run programs of the vitro converter: no heap in a run, the same bits on every CPU."
HOMEPAGE = "https://vitro.invalid/"
SECTION = "libs"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

DEPENDS = "flatbuffers nlohmann-json cli11 stb libjpeg-turbo libsodium"
VITRO_SOURCE ?= "file://${BP}.tar.gz"
SRC_URI = "${VITRO_SOURCE}"

inherit cmake

# Packages of headers are looked for where they are named, since those of the build machine would do as well.
EXTRA_OECMAKE = "-DVITRO_BUILD_CONVERTER=OFF -DVITRO_BUILD_TESTS=OFF \
    -Dvitro_flatbuffers_headers_DIR=${STAGING_INCDIR} -Dvitro_json_headers_DIR=${STAGING_INCDIR} \
    -Dvitro_cli11_headers_DIR=${STAGING_INCDIR} -Dvitro_stb_headers_DIR=${STAGING_INCDIR}"

# ARMv6 and soft floats run the reference kernels alone.
COMPATIBLE_HOST = "(x86_64|aarch64|arm).*-linux.*"

# Nothing but the tool is for the target: the library is static.
PACKAGES =+ "${PN}-tool"
FILES:${PN}-tool = "${bindir}/vitro"
ALLOW_EMPTY:${PN} = "1"

################################################################################
#
# vitro
#
################################################################################

VITRO_VERSION = 0.1.0
VITRO_SITE = $(call qstrip,$(BR2_VITRO_SITE))
# An archive cannot hold its own hash. Where vitro/vitro.hash in
# BR2_GLOBAL_PATCH_DIR gives one, it is checked.
BR_NO_CHECK_HASH_FOR += $(VITRO_SOURCE)
VITRO_LICENSE = Apache-2.0
VITRO_LICENSE_FILES = LICENSE
VITRO_INSTALL_STAGING = YES
VITRO_DEPENDENCIES = cli11 flatbuffers json-for-modern-cpp libsodium stb
VITRO_CONF_OPTS = -DVITRO_BUILD_CONVERTER=OFF -DVITRO_BUILD_TESTS=OFF \
	-Dvitro_cli11_headers_DIR=$(STAGING_DIR)/usr/include \
	-Dvitro_flatbuffers_headers_DIR=$(STAGING_DIR)/usr/include \
	-Dvitro_json_headers_DIR=$(STAGING_DIR)/usr/include \
	-Dvitro_stb_headers_DIR=$(STAGING_DIR)/usr/include

ifeq ($(BR2_PACKAGE_JPEG_TURBO),y)
VITRO_DEPENDENCIES += jpeg-turbo
VITRO_CONF_OPTS += -DVITRO_JPEG=TURBO
else
VITRO_CONF_OPTS += -DVITRO_JPEG=STB
endif

$(eval $(cmake-package))

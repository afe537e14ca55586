include $(sort $(wildcard $(BR2_EXTERNAL_VITRO_PATH)/vitro/*.mk))

# SPDX-License-Identifier: Apache-2.0
# Run by cpack before it packs. Gives all folders the same permissions, whatever the umask of the user.
file(CHMOD_RECURSE ${CPACK_TEMPORARY_DIRECTORY} DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

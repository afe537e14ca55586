// SPDX-License-Identifier: Apache-2.0
// Ed25519 keys as files: PEM of RFC 8410, as openssl and others read and write it.
#pragma once

#include <string>

#include "platforms/host/signature/signature.h"

namespace vitro::host {

/// Throw InputError, whose text has nothing of the file's contents. A secret key that others than
/// its owner may read is refused.
void read_secret_key(const std::string& path, SecretKey& secret);
PublicKey read_public_key(const std::string& path);

/// Two new files, both or none; the secret one is its owner's alone (0600). Throws InputError where
/// there is a file of either name already: a key is never written over.
void write_keys(const std::string& secret_path, const std::string& public_path,
                const SecretKey& secret, const PublicKey& key);

}  // namespace vitro::host

// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/signature/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "converter/base/error.h"
#include "converter/base/unfinished_file.h"
#include "platforms/host/signature/ed25519.h"

namespace vitro::host {

namespace {

// What stands before the 32 bytes of a key in DER: PrivateKeyInfo and SubjectPublicKeyInfo of
// id-Ed25519.
constexpr uint8_t kSecretHead[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr uint8_t kPublicHead[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
constexpr size_t kKeyBytes = 32, kMaxFileBytes = 4096;
constexpr char kOtherName[] = "give a name in a folder that you may write to";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What may hold a secret: wiped when it goes, of a size that never grows.
struct Buffer {
  std::vector<uint8_t> bytes;
  explicit Buffer(size_t size) : bytes(size) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { ed25519::wipe(bytes.data(), bytes.size()); }
};

struct Kind {
  const char* label;  // of the PEM's lines
  const char* name;
  const uint8_t* head;
  size_t head_bytes;
};
constexpr Kind kSecret{"PRIVATE KEY", "secret", kSecretHead, sizeof kSecretHead};
constexpr Kind kPublic{"PUBLIC KEY", "public", kPublicHead, sizeof kPublicHead};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::string why() { return std::string(" (") + std::strerror(errno) + ")"; }

size_t read_small_file(const std::string& path, bool secret, Buffer& text) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::string remedy = "give a key that 'vitro keygen' has written";
  struct stat info;
  if (file.get() < 0) throw InputError(path, "cannot be opened" + why(), remedy);
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    throw InputError(path, "is not a file", remedy);
  if (info.st_size > static_cast<off_t>(text.bytes.size()))
    throw InputError(path, "is no Ed25519 key", remedy);
  if (secret && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw InputError(path, "is a secret key that others than its owner may read or write",
                     "chmod 600 it, and make a new one if anybody may have read it");
  size_t size = 0;
  while (size < text.bytes.size()) {
    const ssize_t got = read(file.get(), text.bytes.data() + size, text.bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw InputError(path, "cannot be read" + why(), remedy);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  return size;
}

// The bytes between the lines of `kind`. Nothing but base64 and white space may stand there.
bool decode(const uint8_t* text, size_t size, const Kind& kind, Buffer& der, size_t& der_bytes) {
  const std::string first = std::string("-----BEGIN ") + kind.label + "-----",
                    last = std::string("-----END ") + kind.label + "-----";
  const uint8_t* const end = text + size;
  const uint8_t* at = std::search(text, end, first.begin(), first.end());
  if (at == end) return false;
  at += first.size();
  const uint8_t* const stop = std::search(at, end, last.begin(), last.end());
  if (stop == end) return false;
  uint32_t bits = 0;
  unsigned count = 0, padding = 0;
  der_bytes = 0;
  for (; at < stop; ++at) {
    if (*at == '\n' || *at == '\r' || *at == ' ' || *at == '\t') continue;
    const char* const digit = *at ? std::strchr(kBase64, *at) : nullptr;
    if (*at == '=') {
      ++padding;
      continue;
    }
    if (!digit || padding > 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit - kBase64);
    if (++count % 4 == 1) continue;
    if (der_bytes == der.bytes.size()) return false;
    der.bytes[der_bytes++] = static_cast<uint8_t>(bits >> (6 - 2 * ((count + 3) % 4)));
  }
  return (count + padding) % 4 == 0 && padding <= 2;
}

void read_key(const std::string& path, const Kind& kind, uint8_t* key) {
  Buffer text(kMaxFileBytes), der(kMaxFileBytes);
  const size_t size = read_small_file(path, &kind == &kSecret, text);
  size_t der_bytes = 0;
  if (!decode(text.bytes.data(), size, kind, der, der_bytes) ||
      der_bytes != kind.head_bytes + kKeyBytes ||
      std::memcmp(der.bytes.data(), kind.head, kind.head_bytes) != 0)
    throw InputError(path, std::string("is no ") + kind.name + " Ed25519 key in PEM",
                     "give one that 'vitro keygen' has written");
  std::memcpy(key, der.bytes.data() + kind.head_bytes, kKeyBytes);
}

// "-----BEGIN ...": one line of base64.
void encode(const Kind& kind, const uint8_t* key, Buffer& text) {
  const std::string first = std::string("-----BEGIN ") + kind.label + "-----\n",
                    last = std::string("\n-----END ") + kind.label + "-----\n";
  Buffer der(kind.head_bytes + kKeyBytes);
  std::memcpy(der.bytes.data(), kind.head, kind.head_bytes);
  std::memcpy(der.bytes.data() + kind.head_bytes, key, kKeyBytes);
  text.bytes.resize(first.size() + (der.bytes.size() + 2) / 3 * 4 + last.size());
  uint8_t* at = std::copy(first.begin(), first.end(), text.bytes.data());
  for (size_t i = 0; i < der.bytes.size(); i += 3) {
    const size_t left = std::min<size_t>(3, der.bytes.size() - i);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < left ? der.bytes[i + j] : 0u);
    for (size_t j = 0; j < 4; ++j)
      *at++ = j <= left ? static_cast<uint8_t>(kBase64[bits >> (18 - 6 * j) & 63]) : '=';
  }
  std::copy(last.begin(), last.end(), at);
}

// A key that is whole on the disk, and has no name yet.
void write_unnamed(UnfinishedFile& file, const std::string& path, mode_t mode, const Buffer& text) {
  const std::string folder = folder_of(path);
  remove_left_over_files(folder);
  if (!file.open(folder, mode)) throw InputError(path, "cannot be written" + why(), kOtherName);
  size_t written = 0;
  while (written < text.bytes.size()) {
    const ssize_t now =
        write(file.descriptor(), text.bytes.data() + written, text.bytes.size() - written);
    if (now < 0 && errno == EINTR) continue;
    if (now <= 0) break;
    written += static_cast<size_t>(now);
  }
  // EINVAL: a file system whose files are not on a disk.
  if (written < text.bytes.size() || (fsync(file.descriptor()) != 0 && errno != EINVAL))
    throw InputError(path, "could not be written whole" + why(), kOtherName);
}

void name(UnfinishedFile& file, const std::string& path) {
  if (file.appear(path)) return;
  if (errno == EEXIST)
    throw InputError(path, "is there already, and keys are not written over",
                     "give another name, or remove it yourself");
  throw InputError(path, "cannot be written" + why(), kOtherName);
}

}  // namespace

void read_secret_key(const std::string& path, SecretKey& secret) {
  read_key(path, kSecret, secret.seed.data());
}

PublicKey read_public_key(const std::string& path) {
  PublicKey key;
  read_key(path, kPublic, key.data());
  return key;
}

void write_keys(const std::string& secret_path, const std::string& public_path,
                const SecretKey& secret, const PublicKey& key) {
  Buffer secret_text(0), public_text(0);
  encode(kSecret, secret.seed.data(), secret_text);
  encode(kPublic, key.data(), public_text);
  const std::string folder = folder_of(secret_path);  // memory may be refused: not after the names
  UnfinishedFile secret_file, public_file;
  write_unnamed(secret_file, secret_path, S_IRUSR | S_IWUSR, secret_text);
  write_unnamed(public_file, public_path, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH, public_text);
  name(secret_file, secret_path);
  try {
    name(public_file, public_path);
  } catch (...) {
    unlink(secret_path.c_str());
    throw;
  }
  sync_folder(folder);
}

}  // namespace vitro::host

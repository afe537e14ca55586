// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/format.h"

#include <algorithm>
#include <cstring>

#include "converter/base/error.h"

namespace vitro::host::pictures {

namespace {

using Bytes = std::vector<uint8_t>;

bool has(const Bytes& bytes, size_t at, const char* text, size_t size) {
  return bytes.size() >= at + size && std::memcmp(bytes.data() + at, text, size) == 0;
}

template <size_t N>
bool has(const Bytes& bytes, size_t at, const char (&text)[N]) {
  return has(bytes, at, text, N - 1);
}

constexpr const char* kConvert =
    "convert it to PNG or JPEG first, with 'magick IN OUT.png', for example";
constexpr const char* kFrame = "take a frame out of it first: 'ffmpeg -i IN -frames:v 1 OUT.png'";

struct Signature {
  const char* bytes;
  size_t size;
  const char* name;
  const char* remedy;
};

#define VITRO_MAGIC(text) text, sizeof(text) - 1

constexpr Signature kSignatures[] = {
    {VITRO_MAGIC("GIF87a"), "a GIF picture", kConvert},
    {VITRO_MAGIC("GIF89a"), "a GIF picture", kConvert},
    {VITRO_MAGIC("II*\0"), "a TIFF picture (or a camera's raw file)", kConvert},
    {VITRO_MAGIC("MM\0*"), "a TIFF picture (or a camera's raw file)", kConvert},
    {VITRO_MAGIC("II+\0"), "a BigTIFF picture", kConvert},
    {VITRO_MAGIC("MM\0+"), "a BigTIFF picture", kConvert},
    {VITRO_MAGIC("IIU\0"), "a camera's raw file (Panasonic)", kConvert},
    {VITRO_MAGIC("FUJIFILMCCD-RAW"), "a camera's raw file (Fujifilm)", kConvert},
    {VITRO_MAGIC("II\xBC"), "a JPEG XR picture", kConvert},
    {VITRO_MAGIC("\0\0\0\x0CjP  \r\n\x87\n"), "a JPEG 2000 picture", kConvert},
    {VITRO_MAGIC("\xFF\x4F\xFF\x51"), "a JPEG 2000 picture", kConvert},
    {VITRO_MAGIC("\0\0\0\x0CJXL \r\n\x87\n"), "a JPEG XL picture",
     "convert it first: 'djxl IN OUT.png'"},
    {VITRO_MAGIC("\xFF\x0A"), "a JPEG XL picture", "convert it first: 'djxl IN OUT.png'"},
    {VITRO_MAGIC("\xFF\xD8\xFF\xF7"), "a JPEG-LS picture", kConvert},
    {VITRO_MAGIC("8BPS"), "a Photoshop picture (PSD)", kConvert},
    {VITRO_MAGIC("gimp xcf"), "a GIMP picture (XCF)", kConvert},
    {VITRO_MAGIC("\0\0\1\0"), "a Windows icon (ICO)", kConvert},
    {VITRO_MAGIC("\0\0\2\0"), "a Windows cursor (CUR)", kConvert},
    {VITRO_MAGIC("icns"), "an Apple icon (ICNS)", kConvert},
    {VITRO_MAGIC("DDS "), "a DirectDraw texture (DDS)", kConvert},
    {VITRO_MAGIC("qoif"), "a QOI picture", kConvert},
    {VITRO_MAGIC("\x76\x2F\x31\x01"), "an OpenEXR picture", kConvert},
    {VITRO_MAGIC("#?RADIANCE"), "a Radiance picture (HDR)", kConvert},
    {VITRO_MAGIC("SIMPLE  ="), "a FITS picture", kConvert},
    {VITRO_MAGIC("\x8AMNG"), "an MNG animation", kConvert},
    {VITRO_MAGIC("\x8BJNG"), "a JNG picture", kConvert},
    {VITRO_MAGIC("BPG\xFB"), "a BPG picture", kConvert},
    {VITRO_MAGIC("BA"), "an OS/2 array of bitmaps", kConvert},
    {VITRO_MAGIC("%PDF"), "a PDF document",
     "make a picture of a page first: 'pdftoppm -png IN OUT'"},
    {VITRO_MAGIC("%!PS"), "a PostScript document", kConvert},
    {VITRO_MAGIC("version https://git-lfs"), "a Git LFS pointer, not the picture itself",
     "fetch the picture with 'git lfs pull'"},
    {VITRO_MAGIC("PK\3\4"), "a ZIP archive", "unpack it first"},
    {VITRO_MAGIC("\x1F\x8B"), "a gzip file", "unpack it first: 'gunzip IN'"},
    {VITRO_MAGIC("7z\xBC\xAF\x27\x1C"), "a 7-Zip archive", "unpack it first"},
    {VITRO_MAGIC("\xFD"
                 "7zXZ"),
     "an xz file", "unpack it first: 'unxz IN'"},
    {VITRO_MAGIC("\x28\xB5\x2F\xFD"), "a Zstandard file", "unpack it first: 'unzstd IN'"},
    {VITRO_MAGIC("BZh"), "a bzip2 file", "unpack it first: 'bunzip2 IN'"},
    {VITRO_MAGIC("Rar!"), "a RAR archive", "unpack it first"},
    {VITRO_MAGIC("\x1A\x45\xDF\xA3"), "a video (Matroska or WebM)", kFrame},
    {VITRO_MAGIC("\0\0\1\xBA"), "a video (MPEG)", kFrame},
    {VITRO_MAGIC("\0\0\1\xB3"), "a video (MPEG)", kFrame},
    {VITRO_MAGIC("FLV\1"), "a video (Flash)", kFrame},
    {VITRO_MAGIC("OggS"), "an Ogg file (sound or video)", kFrame},
    {VITRO_MAGIC("\x30\x26\xB2\x75\x8E\x66\xCF\x11"), "a video (Windows Media)", kFrame},
    {VITRO_MAGIC("\x93NUMPY"), "a NumPy array",
     "save it as PNG first: PIL.Image.fromarray(array).save('OUT.png')"},
    {VITRO_MAGIC("\x7F"
                 "ELF"),
     "a program (ELF), not a picture", "give a picture"},
    {VITRO_MAGIC("{\\rtf"), "a text document (RTF)", "give a picture"},
};

[[noreturn]] void refuse(const std::string& path, const std::string& name,
                         const std::string& remedy) {
  throw InputError(path, "is " + name + (remedy == kConvert ? ", which vitro does not decode" : ""),
                   remedy);
}

// ISO base media files (HEIC, AVIF, MP4 ...) name their kind and what they are compatible with.
void refuse_media(const std::string& path, const Bytes& bytes) {
  if (!has(bytes, 4, "ftyp")) {
    for (const char* box : {"moov", "mdat", "wide", "free", "skip", "pnot"})
      if (bytes.size() >= 8 && bytes[0] <= 0x7F && has(bytes, 4, box, 4))
        refuse(path, "a video (QuickTime)", kFrame);
    return;
  }
  const size_t box = static_cast<size_t>(bytes[2]) << 8 | bytes[3];
  bool heif = false;
  for (size_t at = 8; at + 4 <= std::min({bytes.size(), box, size_t{512}}); at += 4) {
    if (at == 12) continue;  // a version number
    if (has(bytes, at, "avif") || has(bytes, at, "avis"))
      refuse(path, "an AVIF picture, which vitro does not decode",
             "convert it first: 'avifdec IN OUT.png' or 'magick IN OUT.png'");
    if (has(bytes, at, "crx ")) refuse(path, "a camera's raw file (Canon)", kConvert);
    for (const char* brand :
         {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "mif2"})
      heif |= has(bytes, at, brand, 4);
  }
  if (heif)
    refuse(path, "a HEIC picture (HEIF), which vitro does not decode",
           "convert it first: 'heif-convert IN OUT.jpg' or 'magick IN OUT.jpg'");
  refuse(path, "a video (MP4 or QuickTime)", kFrame);
}

void refuse_riff(const std::string& path, const Bytes& bytes) {
  if (!has(bytes, 0, "RIFF") && !has(bytes, 0, "RIFX")) return;
  if (has(bytes, 8, "WEBP"))
    refuse(path, "a WebP picture, which vitro does not decode",
           "convert it first: 'dwebp IN -o OUT.png' or 'magick IN OUT.png'");
  if (has(bytes, 8, "AVI ")) refuse(path, "a video (AVI)", kFrame);
  refuse(path, "a RIFF file, not a picture", "give a picture");
}

void refuse_portable_map(const std::string& path, const Bytes& bytes) {
  if (bytes.size() < 3 || bytes[0] != 'P') return;
  const bool pfm = bytes[1] == 'F' || bytes[1] == 'f';
  if (!pfm && (bytes[1] < '1' || bytes[1] > '7')) return;
  if (bytes[2] == ' ' || bytes[2] == '\n' || bytes[2] == '\r' || bytes[2] == '\t')
    refuse(path, "a Netpbm picture (PBM, PGM, PPM, PAM or PFM)", kConvert);
}

void refuse_text(const std::string& path, const Bytes& bytes) {
  std::string head(reinterpret_cast<const char*>(bytes.data()),
                   std::min<size_t>(bytes.size(), 4096));
  if (head.find('\0') != std::string::npos && head.compare(0, 2, "\xFF\xFE") != 0 &&
      head.compare(0, 2, "\xFE\xFF") != 0)
    return;
  head.erase(std::remove(head.begin(), head.end(), '\0'), head.end());  // UTF-16
  for (const char* mark : {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"})
    if (head.compare(0, std::strlen(mark), mark) == 0) head.erase(0, std::strlen(mark));
  const auto strange = [](char c) {
    return static_cast<unsigned char>(c) < 32 && !std::strchr("\t\n\r\f\x1B", c);
  };
  if (std::any_of(head.begin(), head.end(), strange)) return;
  std::transform(head.begin(), head.end(), head.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const size_t start = head.find_first_not_of(" \t\r\n\f");
  const std::string text = start == std::string::npos ? "" : head.substr(start);
  if (text.compare(0, 14, "<!doctype html") == 0 || text.compare(0, 5, "<head") == 0 ||
      text.find("<html") != std::string::npos)
    refuse(path, "a web page (HTML), not a picture",
           "download the picture itself: the page may ask for a login, or say why there is none");
  if (text.find("<svg") != std::string::npos)
    refuse(path, "an SVG drawing", "make pixels of it first: 'rsvg-convert IN -o OUT.png'");
  if (text.compare(0, 5, "data:") == 0 || text.compare(0, 4, "/9j/") == 0 ||
      text.compare(0, 10, "ivborw0kgg") == 0)
    refuse(path, "a picture written as text (base64)", "decode it first: 'base64 -d IN > OUT'");
  if (text.compare(0, 2, "/*") == 0 && text.find("xpm") < 16)
    refuse(path, "an XPM picture", kConvert);
  if (text.compare(0, 5, "<?xml") == 0)
    refuse(path, "an XML document, not a picture", "give a picture");
  if (text.compare(0, 1, "{") == 0 || text.compare(0, 1, "[") == 0)
    refuse(path, "JSON text, not a picture", "give a picture");
  refuse(path, "text, not a picture", "give a JPEG, PNG or BMP picture");
}

// Targa has no magic number, and a Windows cursor's (0, 0, 2, 0) may be a Targa's beginning. A
// cursor goes on with how many there are, where a Targa without colours of its own has zeros.
void refuse_targa(const std::string& path, const Bytes& bytes) {
  constexpr uint8_t kDepths[] = {8, 15, 16, 24, 32};
  const auto is_depth = [&](uint8_t bits) {
    return std::find(std::begin(kDepths), std::end(kDepths), bits) != std::end(kDepths);
  };
  if (bytes.size() < 18 || bytes[1] > 1) return;
  const int kind = bytes[2] & ~8;  // 1: with colours of its own, 2: RGB, 3: grey; 8: run-length
  const bool colours =
      bytes[1] == 1 ? kind == 1 && is_depth(bytes[7])
                    : (kind == 2 || kind == 3) &&
                          std::all_of(&bytes[3], &bytes[8], [](uint8_t b) { return b == 0; });
  const bool sides = (bytes[12] | bytes[13]) != 0 && (bytes[14] | bytes[15]) != 0;
  if (colours && sides && is_depth(bytes[16])) refuse(path, "a Targa picture (TGA)", kConvert);
}

}  // namespace

PictureFormat picture_format(const std::string& path, const Bytes& bytes) {
  refuse_targa(path, bytes);
  for (const Signature& known : kSignatures)
    if (has(bytes, 0, known.bytes, known.size)) refuse(path, known.name, known.remedy);
  if (has(bytes, 0, "\xFF\xD8")) return PictureFormat::Jpeg;
  if (has(bytes, 0, "\x89PNG\r\n\x1A\n")) return PictureFormat::Png;
  if (has(bytes, 0, "BM")) return PictureFormat::Bmp;
  refuse_riff(path, bytes);
  refuse_media(path, bytes);
  refuse_portable_map(path, bytes);
  if (std::all_of(bytes.begin(),
                  bytes.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(bytes.size(), 4096)),
                  [](uint8_t b) { return b == 0; }))
    throw InputError(path, "begins with zeros alone, as a file that was never written to its end",
                     "copy the file again");
  if (has(bytes, 0, "\x89PNG"))
    throw InputError(path, "is a PNG picture that was damaged by a transfer as text",
                     "copy the file again, as binary");
  refuse_text(path, bytes);
  throw InputError(path, "is not a picture in a format that vitro knows",
                   "give a JPEG, PNG or BMP picture");
}

}  // namespace vitro::host::pictures

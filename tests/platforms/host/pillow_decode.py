# SPDX-License-Identifier: Apache-2.0
"""pillow_decode.py PICTURE_PIXELS...: checks that the tool decodes pictures to the same bytes as Pillow, or refuses
them by name: all kinds that Pillow writes, and kinds made by hand that it does not write. PICTURE_PIXELS is the
command that starts picture_pixels. Exits with 1 where something differs, with 77 without Pillow (pillow_pixels.py)."""
import io
import os
import struct
import sys
import tempfile
import warnings
import zlib

from pillow_pixels import APPLY, IGNORE, PILLOW_13, SHORTER_SIDE, Failures, Image, ImageOps, Tool, by_pillow, np

warnings.simplefilter("ignore")
VERSION = int(Image.__version__.split(".")[0])


def smooth(width, height, seed=0):
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 90 * np.sin((x * (c + 2) + y * (5 - c)) / (9 + seed) + seed) + 30 * np.cos(x * y / (31 + c)) for c in range(3)]
    return Image.fromarray(np.clip(np.stack(waves, -1), 0, 255).astype(np.uint8))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, before=b"", interlaced=0):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)) + before +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def saved(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def segments(jpeg):
    """(marker, start, end) of each segment up to the first scan."""
    at = 2
    while True:
        end = at + 2 + struct.unpack(">H", jpeg[at + 2:at + 4])[0]
        yield jpeg[at + 1], at, end
        if jpeg[at + 1] == 0xDA:
            return
        at = end


def without(jpeg, *markers):
    out = jpeg[:2]
    for marker, start, end in segments(jpeg):
        if marker not in markers:
            out += jpeg[start:end]
    return out + jpeg[end:]


def exif(value, big=False, kind=3, count=1, before=0):
    order = ">" if big else "<"
    entries = [struct.pack(order + "HHII", 0x100 + i, 4, 1, 7) for i in range(before)]
    entries.append(struct.pack(order + "HHI", 0x112, kind, count) + (struct.pack(order + "HH", value, 0) if kind in (3, 8) else struct.pack(order + "I", value)))
    return (b"MM\0*" if big else b"II*\0") + struct.pack(order + "IH", 8, len(entries)) + b"".join(entries) + struct.pack(order + "I", 0)


def app1(data):
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def jpegs():
    for number, (width, height) in enumerate([(1, 1), (7, 9), (16, 16), (17, 33), (64, 48), (250, 131), (33, 500), (641, 479)]):
        picture = smooth(width, height, number)
        for subsampling in (0, 1, 2):
            for progressive in (False, True):
                yield f"{width} x {height}, 4:{'4:4 4:2:2 4:2:0'.split()[subsampling]}, progressive {progressive}", saved(
                    picture, "JPEG", quality=40 + 12 * subsampling, subsampling=subsampling, progressive=progressive, optimize=progressive)
        yield f"{width} x {height}, grey", saved(picture.convert("L"), "JPEG")
        yield f"{width} x {height}, grey progressive", saved(picture.convert("L"), "JPEG", progressive=True)
        inks = saved(picture.convert("CMYK"), "JPEG", quality=80)
        yield f"{width} x {height}, inks", inks
        yield f"{width} x {height}, inks without a marker", without(inks, 0xEE)
    picture = smooth(90, 70)
    plain = saved(picture, "JPEG", subsampling=2)
    yield "no tables (Motion JPEG)", without(plain, 0xC4)
    yield "no JFIF", without(plain, 0xE0)
    yield "bytes behind the end", plain + b"\xff" * 999
    yield "RGB by component names", rgb_by_names(saved(picture, "JPEG", subsampling=0))
    yield "restart markers", saved(picture, "JPEG", restart_marker_blocks=3)
    yield "restart markers in a progressive one", saved(picture, "JPEG", restart_marker_rows=1, progressive=True)
    for cut in (50, 400, len(plain) // 2, len(plain) - 40):
        yield f"cut to {cut}", plain[:cut]
    thumbnail = saved(smooth(8, 8), "JPEG")
    yield "a thumbnail in its metadata", plain[:2] + app1(b"Exif\0\0" + exif(1) + thumbnail) + plain[2:]


def rgb_by_names(jpeg):
    """A JPEG with components named R, G and B, which are not YCbCr."""
    out = bytearray(without(jpeg, 0xE0))
    for marker, start, _ in segments(bytes(out)):
        if marker == 0xC0:
            out[start + 10:start + 19:3] = b"RGB"
        if marker == 0xDA:
            out[start + 5:start + 11:2] = b"RGB"
    return bytes(out)


def pngs():
    picture = smooth(61, 47)
    yield "RGB", saved(picture, "PNG")
    for mode in ("L", "1", "LA", "RGBA"):
        yield mode, saved(picture.convert(mode), "PNG")
    for colours in (2, 4, 16, 200):
        yield f"{colours} colours", saved(picture.quantize(colours), "PNG")
    random = np.random.default_rng(3)
    for depth, colour, channels in [(1, 0, 1), (2, 0, 1), (4, 0, 1), (8, 0, 1), (16, 2, 3), (8, 3, 1), (4, 3, 1), (2, 3, 1), (1, 3, 1), (8, 4, 2), (16, 4, 2), (8, 6, 4), (16, 6, 4)]:
        width, height = 13, 9
        row = (width * channels * depth + 7) // 8
        rows = b"".join(bytes([y % 5 if depth >= 8 else 0]) + random.bytes(row) for y in range(height))
        palette = chunk(b"PLTE", random.bytes(3 << depth)) if colour == 3 else b""
        yield f"depth {depth}, colour {colour}", png(width, height, depth, colour, rows, palette)
    interlaced = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        columns, lines = max(0, -(-(13 - x0) // dx)), max(0, -(-(9 - y0) // dy))
        if columns:
            interlaced += b"".join(b"\0" + random.bytes(columns * 3) for _ in range(lines))
    yield "interlaced", png(13, 9, 8, 2, interlaced, interlaced=1)
    transparent = png(2, 1, 8, 2, b"\0\1\2\3\4\5\6", chunk(b"tRNS", b"\0\1\0\2\0\3"))
    yield "a transparent colour", transparent
    yield "a transparent palette", png(3, 1, 8, 3, b"\0\0\1\2", chunk(b"PLTE", bytes(range(9))) + chunk(b"tRNS", b"\0\x80"))
    if VERSION >= 10:  # as above
        yield "colours outside of the palette", png(4, 1, 8, 3, b"\0\0\1\2\xff", chunk(b"PLTE", bytes([1, 2, 3, 4, 5, 6])))
        yield "no palette", png(4, 1, 8, 3, b"\0\0\1\2\xff")
    yield "no end chunk", transparent[:-12]
    yield "a suggested palette", png(1, 1, 8, 2, b"\0\1\2\3", chunk(b"PLTE", b"\1\2\3"))


def dib(width, height, depth, colours=0, compression=0, size=40):
    return struct.pack("<IiiHHIIiiII", size, width, height, 1, depth, compression, 0, 2835, 2835, colours, 0) + bytes(size - 40)


def bmp(header, tables, pixels, offset=None):
    start = 14 + len(header) + len(tables)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start if offset is None else offset) + header + tables + pixels


def bmps():
    random = np.random.default_rng(4)
    picture = smooth(37, 19)
    yield "24 bits", saved(picture, "BMP")
    for mode in ("L", "1", "P"):
        yield mode, saved(picture.convert(mode), "BMP")
    for width, height in ((5, 3), (8, 4)):
        for depth in (1, 4, 8, 16, 24, 32):
            stride = (width * depth + 31) // 32 * 4
            pixels = random.bytes(stride * height)
            for sign in (1, -1):
                for size in (40, 108, 124):
                    palette = random.bytes(4 << depth) if depth <= 8 else b""
                    yield f"{depth} bits, {width} x {sign * height}, header of {size}", bmp(dib(width, sign * height, depth, size=size), palette, pixels)
            if depth <= 8 and VERSION >= 10:  # older versions of Pillow made greys of the missing colours
                yield f"{depth} bits, half a palette", bmp(dib(width, height, depth, colours=(1 << depth) // 2), random.bytes(2 << depth), pixels)
            if depth in (1, 4, 8, 24):
                header = struct.pack("<IHHHH", 12, width, height, 1, depth)
                yield f"{depth} bits, OS/2", bmp(header, random.bytes(3 << depth) if depth <= 8 else b"", pixels)
        for depth, masks in [(16, (0xF800, 0x7E0, 0x1F)), (16, (0x7C00, 0x3E0, 0x1F)), (32, (0xFF0000, 0xFF00, 0xFF)), (32, (0xFF000000, 0xFF0000, 0xFF00))]:
            stride = (width * depth + 31) // 32 * 4
            yield f"{depth} bits, masks {masks}", bmp(dib(width, height, depth, compression=3), struct.pack("<III", *masks), random.bytes(stride * height))
    yield "8 bits, greys", bmp(dib(4, 2, 8, colours=16), b"".join(bytes([i, i, i, 0]) for i in range(16)), bytes([1, 15, 16, 200, 0, 3, 90, 255]))


def turned():
    picture = smooth(40, 28)
    plain, upright = saved(picture, "JPEG"), saved(picture, "PNG")
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description tiff:Orientation=\"6\"/></x:xmpmeta>"
    for value in list(range(0, 10)) + [65535]:
        for big in (False, True):
            data = exif(value, big, before=value % 3)
            yield f"orientation {value}, big-endian {big}", plain[:2] + app1(b"Exif\0\0" + data) + plain[2:]
            yield f"eXIf {value}, big-endian {big}", upright[:33] + chunk(b"eXIf", data) + upright[33:]
            yield f"eXIf {value} behind the pixels", upright[:-12] + chunk(b"eXIf", data) + upright[-12:]
    yield "Exif behind other segments", plain[:20] + app1(b"something else") + app1(b"Exif\0\0" + exif(8)) + plain[20:]
    yield "as LONG", plain[:2] + app1(b"Exif\0\0" + exif(6, kind=4)) + plain[2:]
    if VERSION >= 11:
        yield "XMP alone", plain[:2] + app1(xmp) + plain[2:]
        yield "Exif before XMP", plain[:2] + app1(xmp) + app1(b"Exif\0\0" + exif(3)) + plain[2:]
        yield "Exif twice in one segment", plain[:2] + app1(b"Exif\0\0Exif\0\0" + exif(6)) + plain[2:]
        yield "as two SHORTs", plain[:2] + app1(b"Exif\0\0" + exif(6, count=2)) + plain[2:]
        yield "Exif in two segments", plain[:2] + app1(b"Exif\0\0" + exif(6)[:20]) + app1(b"Exif\0\0" + exif(6)[20:]) + plain[2:]


def damaged_exif():
    """Orientations on which Pillow may fail; then the picture must not be turned."""
    whole = exif(6, before=2)
    for cut in range(len(whole)):
        yield f"Exif of {cut} bytes", whole[:cut], cut < 10 + 36
    yield "no TIFF", b"XX*\0" + whole[4:], True
    yield "a directory far away", whole[:4] + b"\xff\xff\xff\xff" + whole[8:], True
    yield "65535 entries", whole[:8] + b"\xff\xff" + whole[10:], False


def main():
    tool, failures = Tool(sys.argv[1:]), Failures()
    with tempfile.TemporaryDirectory() as folder:
        def compare(kind, what, data, orientation):
            path = os.path.join(folder, "picture")  # no extension: the format must be told by the bytes
            with open(path, "wb") as file:
                file.write(data)
            try:
                expected = Image.open(path)
                expected = (ImageOps.exif_transpose(expected) if orientation == APPLY else expected).convert("RGB")
            except Exception:
                expected = None
            actual = tool.ask("load", path, orientation)
            if expected is None:
                return failures.same(np.zeros(0) if isinstance(actual, str) else actual, np.zeros(0), f"{kind}: {what}: Pillow refuses it")
            failures.same(actual, np.asarray(expected), f"{kind}: {what}")
            # For a program, only a part of the columns and rows is decoded; that part must be the same.
            for size in (16, 40):
                prepared = tool.ask("prepare", path, orientation, SHORTER_SIDE, 64, 64, 1, 0, size, size, 0, 0, 0, PILLOW_13)
                failures.same(prepared, by_pillow(expected, SHORTER_SIDE, 64, 64, 1, 0, (size, size), (0, 0, 0), PILLOW_13), f"{kind}: {what}, prepared for {size}")

        # Pillow's JPEGs are libjpeg-turbo's; stb_image's differ by a level or two.
        same_decoder = tool.decoder().startswith("libjpeg-turbo")
        if not same_decoder:
            print("JPEG is left out: this build's decoder is", tool.decoder())
        for kind, pictures in (("JPEG", jpegs), ("PNG", pngs), ("BMP", bmps)):
            for what, data in pictures() if same_decoder or kind != "JPEG" else ():
                compare(kind, what, data, IGNORE)
        for what, data in turned():
            if not same_decoder and data[:2] == b"\xff\xd8":
                continue
            compare("turned", what, data, APPLY)
            compare("turned, ignored", what, data, IGNORE)
        if not same_decoder:
            failures.done()
        plain, path = saved(smooth(40, 28), "JPEG"), os.path.join(folder, "damaged")
        # Pillow refuses files without an end marker. Where nothing else is missing, the tool must give the same pixels.
        for kept in (-2, -1):
            with open(path, "wb") as file:
                file.write(plain[:kept])
            failures.same(tool.ask("load", path, IGNORE), np.asarray(Image.open(io.BytesIO(plain))), "no end marker")
        straight = np.asarray(Image.open(io.BytesIO(plain)))
        for what, data, upright in damaged_exif():
            with open(path, "wb") as file:
                file.write(plain[:2] + app1(b"Exif\0\0" + data) + plain[2:])
            failures.same(tool.ask("load", path, APPLY), straight if upright else np.rot90(straight, -1), f"damaged: {what}")
    failures.done()


main()

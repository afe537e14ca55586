# SPDX-License-Identifier: Apache-2.0
"""squash.py CSV IMAGES OUT: resizes the photos of the CSV's column 'file' with Pillow, as transformers'
ViTImageProcessor does: turned upright, to 224x224, bilinear. Writes them to OUT one after the other, 224 * 224 * 3
bytes each."""
import csv
import sys

from PIL import Image, ImageOps


def main(table, images, out):
    with open(table, newline="", encoding="utf-8") as rows, open(out, "wb") as file:
        for row in csv.DictReader(rows):
            photo = ImageOps.exif_transpose(Image.open(f"{images}/{row['file']}")).convert("RGB")
            file.write(photo.resize((224, 224), Image.BILINEAR).tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])

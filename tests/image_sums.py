#!/usr/bin/env python3
"""Writes tests/image_sums.h for tests/test_images.c: what PIL makes of images, as CRC-32 of rows, columns, channels.

  image_sums.py >image_sums.h      needs PIL; where torchvision is, its Resize and CenterCrop must agree
"""
import zlib

from PIL import Image, __version__

FILTERS = [("BILINEAR", Image.BILINEAR), ("NEAREST", Image.NEAREST), ("BOX", Image.BOX), ("HAMMING", Image.HAMMING),
           ("BICUBIC", Image.BICUBIC), ("LANCZOS", Image.LANCZOS)]

# width, height, channels, sharp; resize as the options have it (h, w), (side, 0) or (0, 0); the network's height, width
CASES = [
    (37, 23, 3, 0, (0, 0), 16, 16),       # shrinks, no size given
    (23, 37, 1, 1, (0, 0), 41, 80),       # grows, no size given
    (64, 48, 1, 0, (20, 0), 16, 16),      # the shorter side, landscape
    (48, 67, 3, 1, (20, 0), 17, 15),      # portrait, odd margins
    (23, 37, 3, 1, (40, 0), 33, 40),      # grows
    (31, 17, 3, 0, (20, 0), 15, 18),      # grows a little: a ratio that no binary fraction is
    (1, 1, 3, 0, (9, 0), 8, 8),           # one pixel
    (1, 50, 1, 1, (5, 0), 4, 5),          # one column
    (300, 1, 3, 1, (3, 0), 3, 3),         # one row
    (1000, 2, 3, 1, (4, 0), 4, 4),        # an extreme shape
    (200, 3, 3, 0, (7, 9), 7, 9),         # squashed: width shrinks, height grows
    (3, 200, 3, 1, (11, 40), 10, 38),     # the other way, and a crop
    (53, 41, 3, 0, (41, 53), 30, 40),     # nothing but a crop
    (29, 43, 1, 0, (0, 0), 43, 29),       # nothing at all
    (255, 255, 1, 1, (1, 0), 1, 1),       # to one pixel
    (513, 391, 3, 0, (256, 0), 224, 224),  # ImageNet's
    (513, 391, 3, 1, (235, 0), 224, 224),
]


def pixels(count, sharp):
    """Noise; SHARP: black and white, where sums overshoot."""
    x, out = 12345, bytearray()
    for _ in range(count):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append((255 if x >> 31 else 0) if sharp else x >> 24)
    return bytes(out)


def full_size(width, height, resize, h, w):
    if resize[1]:
        return resize[1], resize[0]
    if resize[0]:
        side = resize[0]
        return (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    return (w, height * w // width) if w * height >= h * width else (width * h // height, h)


def prepare(image, resize, h, w, code):
    width, height = full_size(image.width, image.height, resize, h, w)
    image = image.resize((width, height), code)
    top, left = round((height - h) / 2), round((width - w) / 2)
    return image.crop((left, top, left + w, top + h))


def check_torchvision(image, resize, h, w, code, ours):
    try:
        from torchvision import transforms
        from torchvision.transforms import functional
    except ImportError:
        return
    if not resize[0]:
        return
    interpolation = transforms.InterpolationMode[dict((c, n) for n, c in FILTERS)[code]]
    size = list(resize) if resize[1] else resize[0]
    theirs = transforms.CenterCrop((h, w))(transforms.Resize(size, interpolation=interpolation)(image))
    assert theirs.tobytes() == ours.tobytes(), (image.size, resize, h, w, code)


print("/* Made by image_sums.py with PIL %s. */" % __version__)
for width, height, channels, sharp, resize, h, w in CASES:
    image = Image.frombytes("L" if channels == 1 else "RGB", (width, height), pixels(width * height * channels, sharp))
    for name, code in FILTERS:
        out = prepare(image, resize, h, w, code)
        check_torchvision(image, resize, h, w, code, out)
        print("{ %d, %d, %d, %d, { %d, %d }, %d, %d, RESCAST_%s, 0x%08x },"
              % (width, height, channels, sharp, *resize, h, w, name, zlib.crc32(out.tobytes())))

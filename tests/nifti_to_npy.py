"""nifti_to_npy.py VOLUME ARRAY: a NIfTI-1 file's voxels as a (T, D, H, W) float64 array, by struct alone."""
import gzip
import struct
import sys

TYPES = {2: "B", 4: "h", 8: "i", 16: "f", 64: "d", 256: "b", 512: "H", 768: "I"}

raw = open(sys.argv[1], "rb").read()
if raw[:2] == b"\x1f\x8b":
    raw = gzip.decompress(raw)
order = "<" if struct.unpack("<i", raw[:4])[0] == 348 else ">"
dim = struct.unpack(order + "8h", raw[40:56])
extent = [dim[i] if i <= dim[0] else 1 for i in range(1, 5)]
count = extent[0] * extent[1] * extent[2] * extent[3]
code = TYPES[struct.unpack(order + "h", raw[70:72])[0]]
offset, slope, inter = struct.unpack(order + "3f", raw[108:120])
values = struct.unpack_from(order + str(count) + code, raw, int(offset))
if slope != 0:
    values = [v * slope + inter for v in values]
head = "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d, %d, %d), }" % tuple(extent[::-1])
head += " " * (63 - (10 + len(head)) % 64) + "\n"
with open(sys.argv[2], "wb") as f:
    f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
    f.write(struct.pack("<%dd" % count, *values))
print(*extent)

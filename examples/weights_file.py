"""Write a safetensors file: what both training scripts save."""
import json
import struct

import numpy as np


def save(path, tensors):
    """TENSORS: name -> array; stored as little-endian float32, in the order given."""
    head, blobs, at = {}, [], 0
    for name, value in tensors.items():
        data = np.ascontiguousarray(value, dtype="<f4").tobytes()
        head[name] = {"dtype": "F32", "shape": list(np.shape(value)), "data_offsets": [at, at + len(data)]}
        blobs.append(data)
        at += len(data)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))

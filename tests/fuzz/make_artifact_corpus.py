#!/usr/bin/env python3
"""Writes the seeds of fuzz_artifact: the small committed models, cut and flipped ones, and hostile ones.

usage: make_artifact_corpus.py FOLDER
"""

import pathlib
import sys

MODELS = pathlib.Path(__file__).parents[1] / "golden" / "models"
LIGHTGBM = b"""tree
version=v4
num_class=1
max_feature_idx=1
objective=regression

Tree=0
num_leaves=3
left_child=1 -1
right_child=-3 -2

Tree=1
num_leaves=1

end of trees
"""


def field(number, payload):
    """A message field of the wire format, its length as a varint."""
    length = len(payload)
    digits = b""
    while True:
        digits += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if length == 0:
            return bytes([number << 3 | 2]) + digits + payload


def nested(depth):
    graph = b""
    for _ in range(depth):
        graph = field(1, field(5, field(6, graph)))  # node, attribute, graph
    return field(7, graph)


def tensor(*dims, external=()):
    entries = b"".join(field(13, field(1, key) + field(2, value)) for key, value in external)
    numbers = b"".join(b"\x08" + bytes([dim]) for dim in dims)
    return field(7, field(5, numbers + b"\x10\x01" + (entries + b"\x70\x01" if external else b"")))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {"lightgbm": b"l" + LIGHTGBM, "lightgbm_cut": b"l" + LIGHTGBM[:80]}
    for path in sorted(MODELS.glob("*.onnx")):
        if path.stat().st_size < 3000:
            seeds[path.stem] = b"o" + path.read_bytes()
    for name in ("boost_binary.json", "boost_linear.json", "boost_multi.ubj"):
        seeds[name] = b"x" + (MODELS / name).read_bytes()
    whole = (MODELS / "columns_int.onnx").read_bytes()
    for k in range(1, 8):
        seeds[f"cut_{k}"] = b"o" + whole[: len(whole) * k // 8]
        seeds[f"flipped_{k}"] = b"o" + bytes(byte ^ (0xFF if i % 97 == k * 13 else 0) for i, byte in enumerate(whole))
    seeds["deep"] = b"o" + nested(30)
    seeds["too_deep"] = b"o" + nested(400)
    seeds["huge"] = b"o" + tensor(*[127] * 12)
    seeds["outside"] = b"o" + tensor(3, external=[(b"location", b"../../etc/passwd"), (b"length", b"12")])
    seeds["no_number"] = b"o" + tensor(3, external=[(b"location", b"w.bin"), (b"offset", b"-1")])
    seeds["empty_nodes"] = b"o" + field(7, b"\x0a\x00" * 300)
    seeds["ubj_zeros"] = b"x{U\x01a[$Z#l\x7f\xff\xff\xff"
    seeds["ubj_deep"] = b"x" + b"[" * 300
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()

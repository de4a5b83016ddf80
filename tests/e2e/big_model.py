#!/usr/bin/env python3
"""A model of 2 GB is read with little memory: writes one (a sparse file: 2,047 MB of weights in two tensors), reads it, and looks at the peak
of the anonymous memory and of the whole resident set.

usage: big_model.py ARTIFACT_SHOW
"""

import json
import pathlib
import resource
import subprocess
import sys
import tempfile

TENSOR = 1023 << 20
LIMIT_KB = 64 << 10


def varint(value):
    digits = b""
    while value > 0x7F:
        digits += bytes([value & 0x7F | 0x80])
        value >>= 7
    return digits + bytes([value])


def head(number, length):
    return varint(number << 3 | 2) + varint(length)


def main():
    begin = b"\x08" + varint(TENSOR // 4) + b"\x10\x01" + head(8, 1) + b"w"  # dims, float32, name
    raw = head(9, TENSOR)
    size = len(begin) + len(raw) + TENSOR
    tensor = head(5, size) + begin + raw
    graph = 2 * (len(tensor) + TENSOR)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "big.onnx"
        with path.open("wb") as file:
            file.write(b"\x08\x0a" + head(7, graph))
            for _ in range(2):
                file.write(tensor)
                file.seek(TENSOR, 1)
            file.write(head(8, 2) + b"\x10\x11")
        answer = subprocess.run([sys.argv[1], "onnx", path], capture_output=True, text=True, timeout=600, check=True)
        found = json.loads(answer.stdout)["artifact"]
        peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"{path.stat().st_size:,} bytes, peak resident {peak_kb:,} kB")
        assert found["parameters"] == 2 * TENSOR // 4, found["parameters"]
        assert found["weights"] == [["float32", 2, 2 * TENSOR // 4, 2 * TENSOR]], found["weights"]
        assert peak_kb < LIMIT_KB, f"peak {peak_kb} kB, allowed {LIMIT_KB}"


if __name__ == "__main__":
    main()

"""Writes the seed corpus of fuzz_arrow: small Arrow IPC streams and files (needs pyarrow; run once, the files are committed)."""
import pathlib

import pyarrow as pa

out = pathlib.Path(__file__).parent / "corpus" / "arrow"
tables = {
    "binary": {"y": pa.array([0, 1, None, 1], pa.int64()), "p": pa.array([0.1, 0.9, 0.5, float("nan")], pa.float32()), "g": pa.array(["a", None, "b", "a"])},
    "dictionary": {"y": pa.array(["no", "yes", "no"]).dictionary_encode(), "p": pa.array([0.1, 0.2, 0.3]), "g": pa.array([True, False, None])},
    "list": {"y": pa.array([0, 1, 2], pa.uint8()), "p": pa.array([[0.1, 0.2, 0.7]] * 3), "g": pa.array([1, 2, 3], pa.int16())},
    "fixed_list": {"y": pa.array([0, 1], pa.int8()), "p": pa.array([[0.1, 0.9]] * 2, pa.list_(pa.float32(), 2)), "g": pa.array(["x", "a longer text"], pa.large_string())},
    "view": {"y": pa.array([0, 1], pa.int32()), "p": pa.array([0.1, 0.9]), "g": pa.array(["x", "a text of many bytes"], pa.string_view())},
    "decimal": {"y": pa.array([1.5, 2.5, 3.5]), "p": pa.array([1, 2, 3]).cast(pa.decimal128(30, 3)), "g": pa.array([0, 1, 2]).cast(pa.timestamp("us", "UTC"))},
    "empty": {"y": pa.array([], pa.int64()), "p": pa.array([], pa.float64()), "g": pa.array([], pa.string())},
    "nulls": {"y": pa.nulls(2), "p": pa.nulls(2), "g": pa.nulls(2)},
}
for name, columns in tables.items():
    table = pa.table(columns)
    with pa.OSFile(str(out / f"{name}.stream"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
for codec in ("lz4", "zstd"):
    table = pa.table({"y": pa.array([0, 1] * 40), "p": pa.array([0.25, 0.75] * 40, pa.float32()), "g": pa.array(["a", "b"] * 40)})
    with pa.OSFile(str(out / f"{codec}.stream"), "wb") as sink, pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table)
with pa.OSFile(str(out / "binary.file"), "wb") as sink, pa.ipc.new_file(sink, pa.table(tables["binary"]).schema) as writer:
    writer.write_table(pa.table(tables["binary"]))

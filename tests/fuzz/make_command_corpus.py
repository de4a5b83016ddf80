"""Writes the seed corpus of fuzz_command: answers of a command, right and wrong (needs pyarrow; run once, the files are committed)."""
import io
import pathlib

import pyarrow as pa

out = pathlib.Path(__file__).parent / "corpus" / "command"
out.mkdir(exist_ok=True)
p = [0.5, 0.25, 0.125]


def stream(*batches):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def batch(**columns):
    return pa.record_batch(list(columns.values()), names=list(columns))


good = stream(batch(score=p), batch(score=p))
files = {
    "score": good,
    "label": stream(batch(score=p, prediction=["a", "b", "a"]), batch(score=p, prediction=["a", "b", "z"])),
    "dictionary": stream(batch(prediction=pa.array(["a", "b", "a"]).dictionary_encode())),
    "classes": stream(batch(a=p, b=p, c=p)),
    "list": stream(batch(score=[p] * 3)),
    "fixed_list": stream(batch(score=pa.array([p] * 3, pa.list_(pa.float32(), 3)))),
    "short_list": stream(batch(score=[p, p[:2], []])),
    "null": stream(batch(score=[0.5, None, 0.5])),
    "rows": stream(batch(score=p[:2])),
    "text": stream(batch(score=["a", "b", "c"])),
    "view": stream(batch(prediction=pa.array(["a", "b", "a text of many bytes"], pa.string_view()))),
    "empty": b"",
    "words": b"Loading the model, one moment please\n",
    "cut": good[: len(good) // 2],
    "claims": b"\xff\xff\xff\xff\xff\xff\xff\x7f" + good,
    "header": good[:4] + b"\x10\x00\x00\x00" + good[8:],
    "end": b"\xff\xff\xff\xff\x00\x00\x00\x00",
    "no_columns": stream(pa.record_batch([], names=[])),
    "same_name": stream(pa.record_batch([p, p], names=["score", "score"])),
    "duration": stream(batch(prediction=pa.array([1, 2, 3], pa.duration("s")))),
}
for name, data in files.items():
    (out / name).write_bytes(data)

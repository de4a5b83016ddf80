"""The model floor beside onnxruntime's own Python loop: the same library version, model, batch and thread count.

The peer gets the best of it: its arrays are NumPy's and ready before the clock, cut in views; nonet gathers Arrow columns and hands
out doubles. Answers are compared before the clock counts. `one row` is one call for one row, columns kept in the peer's favour.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import onnxruntime
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).parent.parent
N, BATCH, RUNS = 100_000, 4096, 7


def jobs():
    crash = pq.read_table(ROOT / "examples/crash/nass_cds.parquet")
    crash = pa.concat_tables([crash] * (N // crash.num_rows + 1)).slice(0, N)
    for name in ("baseline", "candidate"):
        yield f"crash {name}", ROOT / f"examples/crash/models/{name}.onnx", crash, []
    x = np.random.default_rng(1).normal(size=(N, 4)).astype(np.float32)
    yield "one matrix, sigmoid", ROOT / "tests/golden/models/sigmoid.onnx", pa.table({f"x{k}": x[:, k] for k in range(4)}), [f"x{k}" for k in range(4)]


def feed_of(session, table, features):
    feed = {}
    for entry in session.get_inputs():
        if features:
            feed[entry.name] = np.column_stack([table[name].to_numpy() for name in features])
        elif "string" in entry.type:
            feed[entry.name] = np.array(table[entry.name].to_pylist(), object).reshape(-1, 1)
        else:
            feed[entry.name] = table[entry.name].to_numpy().astype(np.float32).reshape(-1, 1)
    return feed


def main():
    bench = os.path.join(os.environ["NONET_BUILD"], "bench/model_bench")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    print("| model | rows a second, nonet | onnxruntime in Python | ratio | one row, nonet | in Python | difference |\n|---|---|---|---|---|---|---|")
    for name, path, table, features in jobs():
        session = onnxruntime.InferenceSession(str(path), options)
        output = [entry.name for entry in session.get_outputs()][-1]
        needed = features or [entry.name for entry in session.get_inputs()]
        table = table.select(needed).drop_null().combine_chunks()
        feed = feed_of(session, table, features)
        ours, theirs = [], []
        with tempfile.TemporaryDirectory() as folder:
            rows = os.path.join(folder, "rows.arrow")
            with pa.OSFile(rows, "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_batch(table.to_batches()[0])
            for turn in range(RUNS):  # in turns, so that both meet the same machine
                ours.append(json.loads(subprocess.run([bench, str(path), rows, "1", str(BATCH), *features], check=True, capture_output=True).stdout))
                start = time.perf_counter()
                answers = [session.run([output], {k: v[i : i + BATCH] for k, v in feed.items()})[0] for i in range(0, table.num_rows, BATCH)]
                theirs.append(time.perf_counter() - start)
        answers = np.concatenate(answers)[:, -1]
        if not np.allclose(answers[:5], ours[0]["scores"], rtol=0, atol=1e-12):
            sys.exit(f"{name}: {answers[:5]} and {ours[0]['scores']} differ")
        first = {k: v[:1] for k, v in feed.items()}
        single = []
        for _ in range(2000):
            start = time.perf_counter()
            session.run([output], first)
            single.append(time.perf_counter() - start)
        a, b = statistics.median(run["seconds"] for run in ours), statistics.median(theirs)
        one, other = statistics.median(run["single_us"] for run in ours), 1e6 * statistics.median(single)
        print(f"| {name} | {table.num_rows / a:,.0f} | {table.num_rows / b:,.0f} | {b / a:.2f} | {one:.1f} µs | {other:.1f} µs | {one - other:+.1f} µs |")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""`nonet rebalance` beside imbalanced-learn: 1e5 rows, 20 normal columns, 2 % in the small class.

Both get arrays that are in memory and 2 threads (nonet by rebalance_bench, over the arrays as files); "file to file" is the whole
program, from Parquet to a synced Parquet file. They take turns (the least of the rounds each job states). Rows kept are asserted
equal before a time is printed; made rows, which hang on each one's random numbers, are asserted equal in number.

usage: NONET_BUILD=build .venv-peers/bin/python bench/peers_rebalance.py [JOB...]
"""
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from imblearn.combine import SMOTETomek
from imblearn.over_sampling import SMOTE
from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, TomekLinks

BUILD = os.environ.get("NONET_BUILD", "build")
N_ROWS, N_COLUMNS = 100_000, 20
# method, the peer, whether rows are chosen (then they are compared one by one), rounds, aim
JOBS = [
    ("smote", lambda: SMOTE(random_state=0), False, 3, None),
    ("tomek", lambda: TomekLinks(n_jobs=2), True, 2, 40),
    ("enn", lambda: EditedNearestNeighbours(n_jobs=2), True, 2, 5),
    ("nearmiss-1", lambda: NearMiss(n_jobs=2), True, 2, None),
    ("smote-tomek", lambda: SMOTETomek(random_state=0, n_jobs=2), False, 1, 40),
]


def make_rows():
    random = np.random.default_rng(1)
    label = (random.random(N_ROWS) < 0.02).astype("int8")
    return random.normal(size=(N_ROWS, N_COLUMNS)) + 0.5 * label[:, None], label


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def run_program(folder, method):
    columns = ",".join(f"x{i}" for i in range(N_COLUMNS))
    files = [f"{folder}/in.parquet", "-o", f"{folder}/out.parquet"]
    subprocess.run([f"{BUILD}/cli/nonet", "rebalance", *files, "--label", "y", "--method", method, "--features", columns, "--quiet"], check=True)


def run_arrays(folder, method):
    """Its own seconds, rows made, rows removed."""
    command = [f"{BUILD}/bench/rebalance_bench", method, f"{folder}/x", str(N_ROWS), str(N_COLUMNS), f"{folder}/y", f"{folder}/copies"]
    seconds, made, removed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), int(made), int(removed)


def run_job(folder, x, y, job):
    method, make_peer, chooses, n_rounds, aim = job
    peer_s, array_s, program_s = [], [], []
    for _ in range(n_rounds):
        peer = make_peer()
        seconds, (_, labels) = timed(lambda: peer.fit_resample(x, y))
        peer_s.append(seconds)
        seconds, made, removed = run_arrays(folder, method)
        array_s.append(seconds)
        program_s.append(timed(lambda: run_program(folder, method))[0])
        assert N_ROWS + made - removed == len(labels), f"{method}: {N_ROWS + made - removed} rows, the peer has {len(labels)}"
        kept = pq.read_table(f"{folder}/out.parquet")
        assert np.bincount(kept["y"].to_numpy()).tolist() == np.bincount(labels).tolist(), f"{method}: other classes"
        if chooses:
            wanted = np.sort(peer.sample_indices_)
            assert np.array_equal(kept["row"].to_numpy(), wanted), f"{method}: the program keeps other rows"
            assert np.array_equal(np.flatnonzero(np.fromfile(f"{folder}/copies", dtype="uint32")), wanted), f"{method}: other rows"
    peer, arrays, program = min(peer_s), min(array_s), min(program_s)
    print(f"| {method} | {peer:.3g} | {arrays:.3g} | {peer / arrays:.3g} | {aim or ''} | {program:.3g} |", flush=True)


def main():
    wanted = sys.argv[1:]
    x, y = make_rows()
    print("| method | imbalanced-learn, s | nonet, s | ratio | aim | file to file, s |\n|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="nonet-bench-") as folder:
        columns = {f"x{i}": x[:, i] for i in range(N_COLUMNS)}
        pq.write_table(pa.table({"row": np.arange(N_ROWS), **columns, "y": y}), f"{folder}/in.parquet")
        x.tofile(f"{folder}/x")
        y.astype("uint32").tofile(f"{folder}/y")
        for job in JOBS:
            if not wanted or job[0] in wanted:
                run_job(folder, x, y, job)


main()

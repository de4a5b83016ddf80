#!/usr/bin/env python3
"""`nonet rebalance` beside imbalanced-learn: 1e5 rows, 20 normal columns, 2 % in the small class.

imbalanced-learn gets arrays that are in memory, with n_jobs = 2; nonet is the whole program, from a Parquet file to a synced
Parquet file. They take turns (the least of the rounds each job states). Rows kept are asserted equal before a time is printed;
made rows, which hang on each one's random numbers, are asserted equal in number.

usage: NONET_BIN=build/cli/nonet .venv-peers/bin/python bench/peers_rebalance.py [JOB...]
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

NONET = os.environ.get("NONET_BIN", "build/cli/nonet")
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


def run_job(folder, x, y, job):
    method, make_peer, chooses, n_rounds, aim = job
    source, out = os.path.join(folder, "in.parquet"), os.path.join(folder, f"{method}.parquet")
    command = [NONET, "rebalance", source, "-o", out, "--label", "y", "--method", method, "--features", ",".join(f"x{i}" for i in range(N_COLUMNS)), "--quiet"]
    peer_s, nonet_s = [], []
    for _ in range(n_rounds):
        peer = make_peer()
        seconds, (_, labels) = timed(lambda: peer.fit_resample(x, y))
        peer_s.append(seconds)
        nonet_s.append(timed(lambda: subprocess.run(command, check=True))[0])
    table = pq.read_table(out)
    assert np.bincount(table["y"].to_numpy()).tolist() == np.bincount(labels).tolist(), f"{method}: other numbers of rows"
    if chooses:
        assert np.array_equal(table["row"].to_numpy(), np.sort(peer.sample_indices_)), f"{method}: other rows"
    ratio = min(peer_s) / min(nonet_s)
    print(f"| {method} | {min(peer_s):.3g} | {min(nonet_s):.3g} | {ratio:.3g} | {aim or ''} |", flush=True)


def main():
    wanted = sys.argv[1:]
    x, y = make_rows()
    print("| method | imbalanced-learn, s | nonet, file to file, s | ratio | aim |\n|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(prefix="nonet-bench-") as folder:
        columns = {f"x{i}": x[:, i] for i in range(N_COLUMNS)}
        pq.write_table(pa.table({"row": np.arange(N_ROWS), **columns, "y": y}), os.path.join(folder, "in.parquet"))
        for job in JOBS:
            if not wanted or job[0] in wanted:
                run_job(folder, x, y, job)


main()

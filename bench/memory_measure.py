#!/usr/bin/env python3
"""Peak memory of the program on tables that are larger than what it may hold.

The rows are made in chunks (seeded), written as Parquet into a temporary folder and deleted afterwards; the peak is the resident set
of the program alone (wait4), DuckDB inside it included. --memory is what the run is told to stay within; a quarter of it is DuckDB's.

usage: NONET_BUILD=build .venv-peers/bin/python bench/memory_measure.py [means|auc] [rows=N]
"""
import json
import os
import shutil
import sys
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BUILD = os.environ.get("NONET_BUILD", "build")
CHUNK = 4_000_000
GB = 1e9
MEANS = "correctness.accuracy,correctness.log_loss,correctness.brier,correctness.ece"


def write_rows(path, n, n_groups):
    random = np.random.default_rng(20260101)
    schema = pa.schema([("score", pa.float32()), ("label", pa.uint8())] + [("g", pa.uint8())] * (n_groups > 0))
    with pq.ParquetWriter(path, schema) as writer:
        for first in range(0, n, CHUNK):
            m = min(CHUNK, n - first)
            label = (random.random(m, dtype=np.float32) < 0.3).astype(np.uint8)
            logit = random.standard_normal(m, dtype=np.float32) + 1.2 * label - 1.0
            columns = [(1 / (1 + np.exp(-logit))).astype(np.float32), label]
            if n_groups:
                columns.append(random.integers(0, n_groups, m, dtype=np.uint8))
            writer.write_table(pa.table(columns, schema=schema))


def peak_of(command, out):
    """Seconds, peak bytes and the evidence of a command that writes it to `out`."""
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        raise SystemExit(f"memory_measure: {' '.join(command)}: exit {os.waitstatus_to_exitcode(status)}")
    with open(out, encoding="utf-8") as file:
        return time.perf_counter() - start, usage.ru_maxrss * 1024, json.load(file)


JOBS = {
    # rows, groups, measures, --memory (DuckDB: a quarter), aim beyond what DuckDB is allowed
    "means": (200_000_000, 10, MEANS, 2_000_000_000, 1.5 * GB),
    "auc": (100_000_000, 0, "correctness.auc", 3_000_000_000, 3 * GB),
}


def run_job(name, rows, folder):
    n, n_groups, only, memory, aim = JOBS[name]
    n = rows or n
    path, out = os.path.join(folder, f"{name}.parquet"), os.path.join(folder, f"{name}.json")
    write_rows(path, n, n_groups)
    command = [f"{BUILD}/cli/nonet", "measure", path, "--label", "label", "--score", "score", "--only", only, "--threads", "2"]
    command += ["--memory", str(memory), "--json", out] + ["--group", "g"] * (n_groups > 0)
    seconds, peak, evidence = peak_of(command, out)
    if evidence["inputs"]["data"][0]["rows_used"] != n:
        raise SystemExit("memory_measure: rows are missing")
    for estimate in evidence["estimates"]:
        if estimate["scope"]["kind"] == "all":
            print(f"  {estimate['measure']} {estimate['value']:.6f} [{estimate['low']:.6f}, {estimate['high']:.6f}]", file=sys.stderr)
    print(f"| {name} | {n:.0e} | {os.path.getsize(path) / GB:.2f} | {memory / GB:g} | {peak / GB:.2f} | {aim / GB:g} | {seconds:.1f} |", flush=True)
    os.remove(path)


def main():
    wanted = [word for word in sys.argv[1:] if "=" not in word] or list(JOBS)
    rows = next((int(float(word[5:])) for word in sys.argv[1:] if word.startswith("rows=")), 0)
    folder = tempfile.mkdtemp(prefix="nonet-memory-")
    try:
        print("| job | rows | Parquet, GB | --memory, GB | peak, GB | aim, GB | s |\n|---|---|---|---|---|---|---|", flush=True)
        for name in wanted:
            run_job(name, rows, folder)
    finally:
        shutil.rmtree(folder)


main()

#!/usr/bin/env python3
"""nonet's public call beside scikit-learn, fairlearn and pROC, on the same arrays.

The arrays are in memory for both sides and both may use 2 threads. Peer and nonet take turns (median of the rounds that a job
states); the results are asserted equal to the stated tolerance before any time is printed. "end to end" is the program: from a
Parquet file to the printed report. "bound" is the bytes of the columns at 29 GB/s. Where the peer is run in part and scaled, or is
not doing the same work, the job says so.

usage: NONET_BUILD=build .venv-peers/bin/python bench/peers_measure.py [JOB...]
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ARROW_NUM_THREADS"):
    os.environ[variable] = "2"

import fairlearn.metrics as fm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import sklearn.metrics as sm

BUILD = os.environ.get("NONET_BUILD", "build")
BANDWIDTH = 29e9  # bytes per second, one thread, as measured
REPLICATES = 1000
TYPES = {"int64": "int64", "float32": "float32"}


class Rows:
    """Seeded rows, as arrays, as bare files and as Parquet."""

    def __init__(self, folder, n, n_groups=0):
        random = np.random.default_rng(20260101)
        label = (random.random(n) < 0.3).astype(np.int64)
        logit = random.normal(-1.0 + 1.2 * label, 1.0)
        score = (1 / (1 + np.exp(-logit))).astype(np.float32)
        self.n = n
        self.arrays = {"label": label, "score": score, "prediction": (score >= 0.4).astype(np.int64)}
        if n_groups:
            self.arrays["group"] = random.integers(0, n_groups, n)
        self.paths = {}
        for name, values in self.arrays.items():
            self.paths[name] = os.path.join(folder, f"{n}_{name}")
            values.tofile(self.paths[name])
        self.parquet = os.path.join(folder, f"{n}.parquet")
        pq.write_table(pa.table(self.arrays), self.parquet)

    def size_bytes(self, names):
        return sum(self.arrays[name].nbytes for name in names)


def nonet(rows, names, only, replicates):
    """Seconds of one call on the arrays, and the evidence."""
    columns = [f"{name}={TYPES[str(rows.arrays[name].dtype)]}:{rows.paths[name]}" for name in names]
    command = [f"{BUILD}/bench/array_bench", "runs=1", "threads=2", f"replicates={replicates}", f"only={only}", *columns]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return result["median"], result["evidence"]


def nonet_program(rows, names, only, replicates):
    """Seconds from the file to the printed report, median of 3."""
    options = [word for name in names for word in (f"--{name}", name)]
    command = [f"{BUILD}/cli/nonet", "measure", rows.parquet, *options, "--only", only, "--threads", "2", "--replicates", str(replicates)]
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def estimates(evidence):
    """Measure, and group where there is one, to its estimate."""
    found = {}
    for estimate in evidence["estimates"]:
        scope = estimate["scope"]
        place = "group=" + scope["by"]["group"] if scope["kind"] == "group" else scope["kind"]
        found[estimate["measure"].split(".")[1], place] = estimate
    return found


def near(name, ours, theirs, tolerance):
    if not abs(ours - theirs) <= tolerance:
        raise SystemExit(f"peers_measure: {name}: nonet {ours!r}, peer {theirs!r}, tolerance {tolerance}")


def timed(work):
    start = time.perf_counter()
    value = work()
    return time.perf_counter() - start, value


def ece_debiased(label, score, n_bins=15):
    """Kumar, Liang & Ma 2019, over groups of equal mass; no package of the lock has it."""
    order = np.argsort(score, kind="stable")
    total = 0.0
    for part in np.array_split(order, n_bins):
        p, y = score[part].mean(dtype=np.float64), label[part].mean()
        total += len(part) / len(label) * ((p - y) ** 2 - y * (1 - y) / (len(part) - 1))
    return max(total, 0.0) ** 0.5


# ---- the jobs: what the peer does, what must agree ------------------------------------------------------------------------


def peer_auc(a):
    return timed(lambda: sm.roc_auc_score(a["label"], a["score"]))


def check_auc(ours, auc):
    near("AUC", ours["auc", "all"]["value"], auc, 1e-9)


def peer_confusion(a):
    return timed(lambda: sm.classification_report(a["label"], a["prediction"], output_dict=True))


def check_confusion(ours, report):
    near("accuracy", ours["accuracy", "all"]["value"], report["accuracy"], 1e-12)
    for name, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        near(name, ours[name, "all"]["value"], report["1"][theirs], 1e-12)


def peer_probability(a):
    return timed(lambda: (sm.log_loss(a["label"], a["score"]), sm.brier_score_loss(a["label"], a["score"]), ece_debiased(a["label"], a["score"])))


def check_probability(ours, values):
    near("log-loss", ours["log_loss", "all"]["value"], values[0], 1e-6)  # scikit-learn sums float32 scores
    near("Brier", ours["brier", "all"]["value"], values[1], 1e-6)
    near("ECE", ours["ece", "all"]["value"], values[2], 1e-4)  # bins of points against bins of rows


def has_proc():
    return shutil.which("Rscript") is not None and subprocess.run(["Rscript", "-e", "library(pROC)"], capture_output=True).returncode == 0


def peer_delong(a, folder):
    a["label"].tofile(f"{folder}/r_label")
    a["score"].astype(np.float64).tofile(f"{folder}/r_score")
    script = """suppressMessages(library(pROC)); w <- commandArgs(TRUE); n <- as.integer(w[2])
      y <- readBin(paste0(w[1], "/r_label"), "integer", 2 * n, size = 4)[c(TRUE, FALSE)]
      s <- readBin(paste0(w[1], "/r_score"), "double", n)
      t <- system.time({r <- roc(y, s, levels = c(0, 1), direction = "<", quiet = TRUE); i <- ci.auc(r, method = "delong")})
      cat(t[["elapsed"]], sprintf("%.15g", i))"""
    out = subprocess.run(["Rscript", "-e", script, folder, str(len(a["label"]))], check=True, capture_output=True, text=True).stdout
    seconds, *interval = map(float, out.split())
    return seconds, interval


def check_delong(ours, interval):
    estimate = ours["auc", "all"]
    for name, theirs in zip(("low", "value", "high"), interval):
        near(f"DeLong {name}", estimate[name], theirs, 1e-7)


def bootstrap(a, metric):
    """The value, the standard deviation of 20 replicates, and the seconds of the loop scaled to 1,000."""
    random = np.random.default_rng(1)
    label, score = a["label"], a["score"]
    point = metric(label, score)

    def loop():
        draws = (random.integers(0, len(label), len(label)) for _ in range(20))
        return [metric(label[i], score[i]) for i in draws]

    seconds, values = timed(loop)
    return seconds * REPLICATES / 20, (point, statistics.stdev(values))


def near_bootstrap(name, estimate, result):
    near(name, estimate["value"], result[0], 1e-9)
    error = (estimate["high"] - estimate["low"]) / (2 * 1.959964)
    near("standard error of 20 replicates, as a share", error / result[1], 1.0, 0.6)


def peer_auc_bootstrap(a):
    return bootstrap(a, sm.roc_auc_score)


def check_auc_bootstrap(ours, result):
    near_bootstrap("AUC", ours["auc", "all"], result)


def peer_precision_bootstrap(a):
    return bootstrap(a, sm.average_precision_score)


def check_precision_bootstrap(ours, result):
    near_bootstrap("average precision", ours["average_precision", "all"], result)


def metric_frame(a, n_wanted):
    """fairlearn's MetricFrame with `n_wanted` bootstrap replicates: 2 of them are run, and scaled."""
    metrics = {
        "accuracy": sm.accuracy_score,
        "f1": sm.f1_score,
        "precision": sm.precision_score,
        "recall": sm.recall_score,
        "fpr": fm.false_positive_rate,
    }
    columns = {"y_true": a["label"], "y_pred": a["prediction"], "sensitive_features": a["group"]}
    once, frame = timed(lambda: fm.MetricFrame(metrics=metrics, **columns).by_group)
    if n_wanted == 0:
        return once, frame
    both, _ = timed(lambda: fm.MetricFrame(metrics=metrics, **columns, n_boot=2, ci_quantiles=[0.025, 0.975], random_state=1).by_group_ci)
    return once + (both - once) / 2 * n_wanted, frame


def peer_groups(a):
    return metric_frame(a, REPLICATES)


def peer_groups_100(a):
    return metric_frame(a, 100)


def peer_groups_values(a):
    return metric_frame(a, 0)


def check_groups(ours, frame):
    n_checked = 0
    for (name, scope), estimate in ours.items():
        if scope.startswith("group=") and name in frame:
            near(f"{name} of {scope}", estimate["value"], frame[name][int(scope.split("=")[1])], 1e-12)
            n_checked += 1
    if n_checked != 5 * len(frame):
        raise SystemExit(f"peers_measure: {n_checked} group rates compared, expected {5 * len(frame)}")


CONFUSION = "correctness.accuracy,correctness.precision,correctness.recall,correctness.f1"
PROBABILITY = "correctness.log_loss,correctness.brier,correctness.ece"
PRECISION = "correctness.average_precision"
SCORED, DECIDED = ("label", "score"), ("label", "prediction")

JOBS = [
    # name, rows, groups, columns, measures, replicates, peer, check, rounds, aim
    ("AUC", 10**7, 0, SCORED, "correctness.auc", 1000, peer_auc, check_auc, 5, 40),
    ("confusion report", 10**7, 0, DECIDED, CONFUSION, 1000, peer_confusion, check_confusion, 5, 150),
    ("log-loss, Brier, ECE: ECE without an interval", 10**7, 0, SCORED, PROBABILITY, 1, peer_probability, check_probability, 5, 50),
    ("log-loss, Brier, ECE with a bootstrap interval", 10**7, 0, SCORED, PROBABILITY, 1000, peer_probability, check_probability, 5, 50),
    ("DeLong interval", 10**7, 0, SCORED, "correctness.auc", 1000, peer_delong, check_delong, 5, 60),
    ("AUC interval: 1,000 replicates, nonet DeLong", 10**5, 0, SCORED, "correctness.auc", 1000, peer_auc_bootstrap, check_auc_bootstrap, 5, 300),
    ("average precision: 1,000 replicates", 10**5, 0, SCORED, PRECISION, 1000, peer_precision_bootstrap, check_precision_bootstrap, 5, 300),
    ("rates of 50 groups: 1,000 replicates", 10**6, 50, (*DECIDED, "group"), CONFUSION + ",correctness.fpr", 1000, peer_groups, check_groups, 1, 1000),
    ("MetricFrame: 10 groups, 5 metrics, nonet with intervals", 10**6, 10, (*DECIDED, "group"), CONFUSION + ",correctness.fpr", 1000, peer_groups_values, check_groups, 3, 500),
    ("MetricFrame: 10 groups, 5 metrics, 100 replicates", 10**5, 10, (*DECIDED, "group"), CONFUSION + ",correctness.fpr", 1000, peer_groups_100, check_groups, 1, 5000),
]


def run_job(folder, rows, job):
    name, n, _, names, only, replicates, peer, check, rounds, aim = job
    theirs, ours = [], []
    for _ in range(rounds):
        seconds, result = peer(rows.arrays, folder) if peer is peer_delong else peer(rows.arrays)
        theirs.append(seconds)
        seconds, evidence = nonet(rows, names, only, replicates)
        ours.append(seconds)
        check(estimates(evidence), result)
    while len(ours) < 5:
        ours.append(nonet(rows, names, only, replicates)[0])
    a, b = statistics.median(theirs), statistics.median(ours)
    whole = nonet_program(rows, names, only, replicates)
    bound = rows.size_bytes(names) / BANDWIDTH
    print(f"| {name} | {n:.0e} | {a:.3g} | {b:.3g} | {a / b:.0f} | {aim} | {whole:.3g} | {bound:.2g} |", flush=True)


def main():
    wanted = sys.argv[1:]
    folder = tempfile.mkdtemp(prefix="nonet-bench-")
    try:
        made = {}
        print("| job | rows | peer, s | nonet, s | ratio | aim | end to end, s | bound, s |\n|---|---|---|---|---|---|---|---|", flush=True)
        for job in JOBS:
            if wanted and not any(word in job[0] for word in wanted):
                continue
            if job[6] is peer_delong and not has_proc():
                print(f"| {job[0]} | not run: no R with pROC here |")
                continue
            key = job[1:3]
            if key not in made:
                made[key] = Rows(folder, *key)
            run_job(folder, made[key], job)
    finally:
        shutil.rmtree(folder)


main()

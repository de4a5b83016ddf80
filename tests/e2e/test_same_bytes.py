"""The same rows give the same digest: for any threads, batch sizes, row order, file format and any split into parts that are merged.

Nothing here is compared with a stored value: every run is held against another run on the same rows.
"""

import random

import pytest
from conftest import ROOT, evidence, nonet

PEERS = ROOT / "tests" / "golden" / "peers"

CASES = {
    "binary": ("binary_ties", ["--label", "y", "--score", "p", "--baseline-score", "base", "--group", "g"]),
    "smooth": ("binary_smooth", ["--label", "y", "--score", "p", "--baseline-score", "base"]),
    "weighted": ("binary_ties", ["--label", "y", "--score", "p", "--weight", "w", "--cluster", "cluster"]),
    "multiclass": ("multiclass", ["--label", "y", "--score", "a,b,c,d"]),
    "regression": ("regression", ["--label", "y", "--score", "p", "--baseline-score", "base", "--task", "regression"]),
}
FEW = ["--replicates", "200", "--quiet"]


def digest(path, options, *more):
    return evidence("measure", path, *options, *FEW, *more)["digest"]


@pytest.fixture(params=CASES, ids=CASES)
def case(request):
    name, options = CASES[request.param]
    path = PEERS / f"{name}.csv"
    return path, options, digest(path, options)


def shuffled(path, target, seed):
    header, *rows = path.read_text().splitlines()
    random.Random(seed).shuffle(rows)
    target.write_text("\n".join([header, *rows]) + "\n")
    return header, rows


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_threads(case, threads):
    path, options, expected = case
    assert digest(path, options, "--threads", threads) == expected


@pytest.mark.parametrize("rows", [1000, 65536])
def test_batch_rows(case, rows):
    path, options, expected = case
    assert digest(path, options, "--batch-rows", rows) == expected


def test_file_format(case):
    path, options, expected = case
    assert digest(path.with_suffix(".parquet"), options) == expected


def test_row_order(case, tmp_path):
    path, options, expected = case
    shuffled(path, tmp_path / "other.csv", 3)
    assert digest(tmp_path / "other.csv", options) == expected


def test_seven_parts_merged(case, tmp_path):
    path, options, expected = case
    header, rows = shuffled(path, tmp_path / "other.csv", 7)
    cuts = sorted(random.Random(11).sample(range(len(rows)), 6))
    states = []
    for k, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)])):
        part, state = tmp_path / f"part{k}.csv", tmp_path / f"part{k}.state"
        part.write_text("\n".join([header, *rows[start:end]]) + "\n")
        code, _, err = nonet("measure", part, *options, *FEW, "--state", state)
        assert code == 0, err
        states.append(state)
    random.Random(13).shuffle(states)
    assert evidence("merge", *states, *FEW)["digest"] == expected


def test_another_seed_moves_only_what_is_drawn():
    path = PEERS / "binary_smooth.csv"
    options = ["--label", "y", "--score", "p", "--only", "correctness.accuracy,correctness.auc"]
    assert digest(path, options) == digest(path, options, "--seed", "2")


def test_the_digest_sees_one_changed_row(tmp_path):
    path, options = PEERS / "binary_smooth.csv", ["--label", "y", "--score", "p", "--only", "correctness.accuracy"]
    header, first, *rows = path.read_text().splitlines()
    other = tmp_path / "other.csv"
    other.write_text("\n".join([header, ("0" if first[0] == "1" else "1") + first[1:], *rows]) + "\n")
    assert digest(other, options) != digest(path, options)

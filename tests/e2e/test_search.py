"""Searches over features through the command line: worst slices, the bias scan, labels in doubt.

A planted slice is found and told in words; the same rows in another order, format or number of threads give the same digest; what
cannot be searched says why.
"""

import csv
import os
import random
from pathlib import Path

import pytest
from conftest import evidence, nonet

ONLY = "correctness.worst_slice,fairness.bias_scan,correctness.label_noise"
COLUMNS = ["y", "p", "age", "belt", "town", "flat"]


def draw(n, seed):
    """Errors .05, and .5 where age < 30 and no belt; a town for nearly every row; a column that never varies."""
    chance = random.Random(seed)
    rows = []
    for _ in range(n):
        age, belt, y = chance.randrange(18, 80), chance.choice(["lap", "both", "none", ""]), chance.randrange(2)
        wrong = chance.random() < (0.5 if age < 30 and belt == "none" else 0.05)
        p = chance.uniform(0.6, 0.95)
        rows.append([y, round(p if (y == 1) != wrong else 1 - p, 4), age, belt, f"t{chance.randrange(10**6)}", 1])
    return rows


def write(path, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


@pytest.fixture(scope="module")
def rows():
    return draw(6000, 1)


@pytest.fixture(scope="module")
def found(rows, tmp_path_factory):
    path = write(tmp_path_factory.mktemp("search") / "rows.csv", rows)
    return path, evidence("measure", path, "--label", "y", "--score", "p", "--features", "age,belt,town,flat", "--only", ONLY)


def test_planted_slice_is_told(found):
    slices = [f for f in found[1]["findings"] if f["id"] == "correctness.worst_slice"]
    assert slices, found[1]["estimates"]
    first = slices[0]
    assert "age <" in first["title"] and "belt = none" in first["title"] and "% elsewhere" in first["title"]
    assert first["where"]["slice"] in first["title"] and "found on" in first["evidence"] and first["remedy"]
    told = [e for e in found[1]["estimates"] if e["scope"] == {"kind": "slice", "where": first["where"]["slice"]}]
    assert len(told) == 1 and told[0]["low"] < told[0]["value"] < told[0]["high"]


def test_many_values_are_pooled_and_constants_passed_over(found):
    words = " ".join(e["scope"].get("where", "") for e in found[1]["estimates"])
    assert "flat" not in words and "town = t" not in words


def test_order_threads_and_seed(found, rows, tmp_path):
    path, document = found
    shuffled = rows[:]
    random.Random(2).shuffle(shuffled)
    other = write(tmp_path / "shuffled.csv", shuffled)
    args = ["--label", "y", "--score", "p", "--features", "age,belt,town,flat", "--only", ONLY]
    assert evidence("measure", other, *args, "--threads", 4)["digest"] == document["digest"]
    assert evidence("measure", path, *args, "--threads", 1)["digest"] == document["digest"]
    assert evidence("measure", path, *args, "--seed", 5)["digest"] != document["digest"]


def test_too_few_rows_and_nothing_that_varies(tmp_path):
    path = write(tmp_path / "few.csv", draw(50, 3))
    document = evidence("measure", path, "--label", "y", "--score", "p", "--features", "age", "--only", "correctness.worst_slice")
    told = document["estimates"][0]
    assert told["value"] is None and "50 rows are too few" in told["notes"][0] and "60" in told["notes"][0]
    path = write(tmp_path / "flat.csv", draw(200, 3))
    document = evidence("measure", path, "--label", "y", "--score", "p", "--features", "flat", "--only", "fairness.bias_scan")
    assert "no feature has two different values" in document["estimates"][0]["notes"][0]


def test_without_features(tmp_path):
    path = write(tmp_path / "rows.csv", draw(200, 3))
    code, _, err = nonet("measure", path, "--label", "y", "--score", "p", "--only", "correctness.worst_slice")
    assert code != 0 and "--features" in err
    document = evidence("measure", path, "--label", "y", "--score", "p")
    assert not [e for e in document["estimates"] if e["measure"] in ONLY.split(",")]


def test_bias_scan_of_numbers(tmp_path):
    """Labels 5 above what is predicted in the east; noise of deviation 4."""
    chance = random.Random(4)
    with open(tmp_path / "rows.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["y", "p", "side", "age"])
        for _ in range(1000):
            side, p = chance.choice(["north", "east", "south"]), chance.uniform(50, 90)
            table.writerow([p + chance.gauss(5 if side == "east" else 0, 4), p, side, chance.randrange(18, 80)])
    document = evidence("measure", tmp_path / "rows.csv", "--label", "y", "--score", "p", "--task", "regression",
                        "--features", "side,age", "--only", "fairness.bias_scan")
    title = next(f["title"] for f in document["findings"])
    assert title.startswith("side = east: ") and "on average where the model predicts" in title
    told = next(e for e in document["estimates"] if e["scope"].get("where") == "side = east")
    assert told["method"] == "t" and told["low"] < 5 < told["high"] and told["high"] - told["low"] < 3


@pytest.mark.skipif("NONET_EXTRA_DATA" not in os.environ, reason="NONET_EXTRA_DATA names no folder")
def test_compas_over_predicts_women():
    """Women are re-arrested less often than men of the same COMPAS score (Corbett-Davies & Goel 2018)."""
    path = Path(os.environ["NONET_EXTRA_DATA"]) / "compas.parquet"
    query = f"select *, decile_score / 10.0 as p from '{path}' where propublica_filter"
    document = evidence("measure", "--query", query, "--label", "two_year_recid", "--score", "p", "--group", "sex,race",
                        "--features", "age,priors_count,c_charge_degree", "--only", "fairness.bias_scan")
    over = [f for f in document["findings"] if "over-predicted" in f["evidence"]]
    assert len(over) == 1 and "sex = Female" in over[0]["title"]


def test_baseline_stands_beside_the_slice(rows, tmp_path):
    """The baseline has the labels' own probabilities: it errs nowhere."""
    path = tmp_path / "pair.csv"
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([[*COLUMNS, "b"], *([*row, 0.9 if row[0] == 1 else 0.1] for row in rows)])
    args = ["--label", "y", "--score", "p", "--baseline-score", "b", "--features", "age,belt", "--only", ONLY]
    document = evidence("measure", path, *args)
    slices = [f for f in document["findings"] if f["id"] == "correctness.worst_slice"]
    assert slices and "; the baseline on the same rows: 0" in slices[0]["evidence"], slices
    told = [e for e in document["estimates"] if e["scope"] == {"kind": "slice", "where": slices[0]["where"]["slice"]}]
    assert any("; the baseline on the same rows: 0" in note for note in told[0]["notes"])

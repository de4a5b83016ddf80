"""`nonet data`: the numbers that others give, the same answer for any file and order, what a stranger reads, bad input.

Golden values: tests/golden/data/make_data.py (pandas, scikit-learn, imbalanced-learn, problexity, SciPy, statsmodels).
"""

import csv
import json
import math
import os
import random
import shlex
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, evidence, nonet, strict_json

GOLDEN = ROOT / "tests/golden/data"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text())
NUMBERS = "x1,x2,x3,x4"
EMPTY_IS_NULL = pyarrow.csv.ConvertOptions(strings_can_be_null=True)
EXTRA = Path(os.environ.get("NONET_EXTRA_DATA", "/nowhere"))
extra = pytest.mark.skipif(not EXTRA.is_dir(), reason="NONET_EXTRA_DATA is not set")


def data(*args):
    return evidence("data", *args)


def found(document, measure, **scope):
    """The one estimate of a measure whose scope has these fields: class_, column, by."""
    scope = {key.rstrip("_"): value for key, value in scope.items()}
    rows = [
        row
        for row in document["estimates"]
        if row["measure"] == f"data.{measure}"
        and {key: row["scope"].get(key) for key in ("class", "column", "by")}
        == {key: scope.get(key) for key in ("class", "column", "by")}
    ]
    assert len(rows) == 1, (measure, scope, [row["scope"] for row in rows])
    return rows[0]


def agree(row, expected):
    """A value, or value, low and high."""
    for key, wanted in zip(("value", "low", "high"), expected if isinstance(expected, list) else [expected]):
        assert math.isclose(row[key], wanted, rel_tol=1e-12, abs_tol=1e-12), (row["measure"], key, row[key], wanted)


def finding(document, name):
    return next((row for row in document["findings"] if row["id"] == f"data.{name}"), None)


@pytest.fixture(scope="module")
def rows():
    return data(GOLDEN / "rows.csv", "--label", "y", "--group", "sex")


@pytest.fixture(scope="module")
def apart():
    return data(GOLDEN / "apart.csv", "--label", "y", "--features", NUMBERS)


def test_classes(rows):
    for c in (0, 1):
        agree(found(rows, "class_counts", class_=str(c)), EXPECTED["class_counts"][c])
        agree(found(rows, "effective_number", class_=str(c)), EXPECTED["effective_number"][c])
        for sex in "fm":
            agree(found(rows, "group_by_class", class_=str(c), by={"sex": sex}), EXPECTED["known"][f"{sex}/{c}"])
    agree(found(rows, "imbalance_ratio"), EXPECTED["imbalance_ratio"])
    agree(found(rows, "evenness"), EXPECTED["evenness"])
    agree(found(rows, "no_information_rate"), EXPECTED["no_information_rate"])


def test_neighbours(apart):
    """Values; their intervals are held to leaving rows out in src/measure/data/data_overlap_test.c."""
    for c in (0, 1):
        for name in ("safe", "borderline", "rare", "outlier"):
            agree(found(apart, f"overlap@{name}", class_=str(c)), EXPECTED["overlap"][name][c])
        agree(found(apart, "small_disjuncts", class_=str(c)), EXPECTED["small_disjuncts"][c])
    agree(found(apart, "tomek_links"), EXPECTED["tomek_links"])
    agree(found(apart, "separability@n1"), EXPECTED["n1"])
    agree(found(apart, "separability@n3"), EXPECTED["n3"])
    agree(found(apart, "separability@fisher"), EXPECTED["fisher"])
    for row in (found(apart, "separability@n1"), found(apart, "small_disjuncts", class_="1")):
        assert row["low"] is None and "no interval" in row["notes"][0]


def test_columns(rows):
    agree(found(rows, "missingness", column="gap"), EXPECTED["missing"])
    agree(found(rows, "missingness@by_class", column="gap"), EXPECTED["missing_by_class"])
    agree(found(rows, "outliers", column="x4"), EXPECTED["outliers_x4"])
    agree(found(rows, "leaking_columns", column="leak"), EXPECTED["leak"])
    agree(found(rows, "leaking_columns", column="x1"), EXPECTED["leak_x1"])
    agree(found(rows, "leaking_columns", column="word"), EXPECTED["leak_word"])
    assert found(rows, "constant_columns")["notes"] == ["one"]
    assert found(rows, "id_columns")["notes"] == ["name, day"]
    assert found(rows, "leaking_columns", column="x1")["low"] < EXPECTED["leak_x1"]
    assert "leak (1)" in finding(rows, "leaking_columns")["evidence"]


def test_drift_over_time():
    document = data(GOLDEN / "rows.csv", "--label", "y", "--time", "day")
    agree(found(document, "drift", column="x3"), EXPECTED["drift_x3"])
    assert "x3" in finding(document, "drift")["evidence"]


def test_time_beside_the_features():
    """The time need not be a feature; drift is then told all the same, and of the features alone."""
    document = data(GOLDEN / "rows.csv", "--label", "y", "--time", "day", "--features", "x1,x3")
    agree(found(document, "drift", column="x3"), EXPECTED["drift_x3"])
    columns = {row["scope"]["column"] for row in document["estimates"] if row["measure"] == "data.drift"}
    assert columns == {"x1", "x3"}
    assert found(document, "id_columns")["n"] == 2
    assert document["inputs"]["config"]["features"] == ["x1", "x3"]


@pytest.mark.parametrize(("kind", "wanted"), [("letters", "found 'Fri' in column 't'"), ("lists", "found type list of int64 in column 't'")])
def test_a_time_without_order(tmp_path, kind, wanted):
    t = {"letters": ["Fri", "Mon"] * 50, "lists": [[1, 2]] * 100}[kind]
    path = tmp_path / "rows.parquet"
    pq.write_table(pyarrow.table({"x": list(range(100)), "y": [0, 1] * 50, "t": t}), path)
    code, out, stderr = nonet("data", path, "--label", "y", "--time", "t")
    assert (code, out) == (65, "")
    assert "--time: expected numbers, dates" in stderr and wanted in stderr


def test_train_and_test():
    document = data(GOLDEN / "rows.csv", "--label", "y", "--features", NUMBERS, "--train", GOLDEN / "train.csv")
    agree(found(document, "duplicates"), EXPECTED["duplicates"])
    agree(found(document, "train_duplicates"), EXPECTED["train_duplicates"])
    agree(found(document, "label_shift", class_="1"), EXPECTED["label_shift"])
    assert [row["role"] for row in document["inputs"]["data"]] == ["test", "train"]
    assert finding(document, "label_shift")["severity"] == "warning"
    assert finding(document, "train_duplicates")["severity"] == "warning"


def test_a_number_to_predict():
    document = data(GOLDEN / "rows.csv", "--label", "leak", "--task", "regression")
    agree(found(document, "leaking_columns", column="x1"), EXPECTED["regression_x1"])
    assert not any(row["measure"] == "data.class_counts" for row in document["estimates"])


def test_no_label_at_all():
    document = data(GOLDEN / "rows.csv")
    agree(found(document, "missingness", column="gap"), EXPECTED["missing"])
    assert "data.leaking_columns" in {row["measure"] for row in document["skipped"]}
    code, _, err = nonet("data", GOLDEN / "rows.csv", "--group", "sex")
    assert code == 64 and "--group needs --label" in err


@pytest.fixture
def shuffled(tmp_path):
    lines = (GOLDEN / "rows.csv").read_text().splitlines()
    body = lines[1:]
    random.Random(5).shuffle(body)
    path = tmp_path / "shuffled.csv"
    path.write_text("\n".join([lines[0], *body]) + "\n")
    return path


def test_same_digest(shuffled, tmp_path):
    args = ["--label", "y", "--group", "sex", "--time", "day", "--features", "x1,x2,x3,x4,leak,word,gap,one"]
    first = data(GOLDEN / "rows.csv", *args)["digest"]
    assert data(shuffled, *args)["digest"] == first
    assert data(GOLDEN / "rows.csv", *args, "--threads", "1", "--batch-rows", "17")["digest"] == first
    path = tmp_path / "rows.parquet"
    pq.write_table(pyarrow.csv.read_csv(GOLDEN / "rows.csv", convert_options=EMPTY_IS_NULL), path)
    assert data(path, *args)["digest"] == first


def write(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_many_groups(tmp_path):
    path = write(tmp_path / "t.csv", ["g", "x", "y"], [[f"g{i}", i % 7, i % 3 == 0] for i in range(10000)])
    document = data(path, "--label", "y", "--group", "g")
    assert finding(document, "group_by_class")["title"] == "too few rows to judge recall in 20,000 of 20,000 cells of group × class"
    code, out, _ = nonet("data", path, "--label", "y", "--group", "g")
    assert code == 0 and len(out.splitlines()) < 70 and "in the JSON" in out


def test_one_group_alone(tmp_path):
    path = write(tmp_path / "t.csv", ["g", "x", "y"], [["only", i % 7, i % 3 == 0] for i in range(900)])
    document = data(path, "--label", "y", "--group", "g")
    assert found(document, "group_by_class", class_="true", by={"g": "only"})["n"] == 300
    assert finding(document, "group_by_class") is None


def test_names_as_features(tmp_path):
    path = write(tmp_path / "t.csv", ["id", "x", "y"], [[1000 + 3 * i, i % 7, i % 3 == 0] for i in range(900)])
    document = data(path, "--label", "y")
    assert finding(document, "id_columns")["evidence"] .startswith("id: a name of rows")
    assert not any(row["scope"].get("column") == "id" for row in document["estimates"] if "leaking" in row["measure"])


def test_a_column_of_nulls(tmp_path):
    path = write(tmp_path / "t.csv", ["empty", "x", "y"], [["", i % 7, i % 3 == 0] for i in range(300)])
    document = data(path, "--label", "y")
    agree(found(document, "missingness", column="empty"), 1.0)
    assert found(document, "constant_columns")["notes"] == ["empty"]


def test_only_a_label(tmp_path):
    path = write(tmp_path / "t.csv", ["y"], [[i % 3] for i in range(300)])
    document = data(path, "--label", "y")
    assert found(document, "class_counts", class_="2")["value"] == 100


@pytest.mark.parametrize(
    ("rows", "args", "code", "words"),
    [
        ([], ["--label", "y"], 65, "no rows"),
        ([[1, ""], [2, ""]], ["--label", "y"], 65, "y"),
        ([[1, 0], [2, 0]], ["--label", "y"], 65, "one class"),
        ([[1, 0], [2, 1]], ["--label", "z"], 65, "no column 'z'"),
        ([[1, 0], [2, 1]], ["--label", "y", "--features", "xx"], 65, "did you mean 'x'"),
        ([[1, 0], [2, 1]], ["--label", "y", "--train", "/nowhere.csv"], 66, "/nowhere.csv"),
        ([[1, 0], [2, 1]], ["--label", "y", "--score", "x"], 64, "--score"),
        ([[1, 0], [2, 1]], ["--label", "y", "--features", "x,y"], 64, "'y' is the label"),
        ([[1, 0], [2, 1]], ["--label", "y", "--features", "x,x"], 64, "'x' is given twice"),
        ([[1, 0], [2, 1]], ["--label", "y", "--threads", "99999"], 64, "at most 1024"),
    ],
)
def test_bad_input(tmp_path, rows, args, code, words):
    path = write(tmp_path / "t.csv", ["x", "y"], rows)
    got, out, err = nonet("data", path, *args)
    assert got == code and words in err and out == "", (got, err)


def test_bytes_are_no_text(tmp_path):
    path = tmp_path / "t.parquet"
    rows = {"raw": [b"\xff%d" % (i % 3) for i in range(200)], "x": [i % 7 for i in range(200)], "y": [i % 2 for i in range(200)]}
    pq.write_table(pyarrow.table(rows), path)
    for args in (["--label", "raw"], ["--label", "y", "--group", "raw"]):
        code, out, err = nonet("data", path, *args)
        assert code == 65 and "'raw'" in err and "UTF-8" in err and out == "", err
    document = data(path, "--label", "y")
    assert not any(row["scope"].get("column") == "raw" for row in document["estimates"] if "leaking" in row["measure"])


def test_training_rows_of_other_columns(tmp_path):
    path = write(tmp_path / "t.csv", ["a", "y"], [[1, 0], [2, 1]])
    code, _, err = nonet("data", GOLDEN / "rows.csv", "--label", "y", "--train", path)
    assert code == 65 and "--train" in err and "no feature of" in err


def test_columns_that_training_lacks_are_named(tmp_path):
    """Predictions stand beside the test rows; a file of training rows does not have them."""
    test = write(tmp_path / "t.csv", ["x", "p", "y"], [[i % 7, i % 5, i % 2] for i in range(300)])
    train = write(tmp_path / "train.csv", ["x", "y"], [[i % 7, i % 2] for i in range(300)])
    document = data(test, "--label", "y", "--train", train)
    assert document["inputs"]["config"]["features"] == ["x"]
    assert finding(document, "only_here")["evidence"] == "p; left out of the rest of this report"
    code, _, err = nonet("data", test, "--label", "y", "--train", train, "--features", "x,p")
    assert code == 65 and "'p'" in err, err


def test_a_time_is_no_id(tmp_path):
    path = write(tmp_path / "t.csv", ["at", "x", "y"], [[1000 + 3 * i, i % 7, i % 3 == 0] for i in range(900)])
    assert finding(data(path, "--label", "y"), "id_columns") is not None
    assert finding(data(path, "--label", "y", "--time", "at"), "id_columns") is None


def test_texts_and_constants_tell_no_rows_apart(tmp_path):
    """A text of its own in every row but two, a constant: neighbours would be ties."""
    rows = [[f"text {max(i, 1)}", "same", 4, i % 3 == 0] for i in range(400)]
    document = data(write(tmp_path / "t.csv", ["text", "a", "b", "y"], rows), "--label", "y")
    for name in ("overlap@safe", "overlap@borderline", "tomek_links", "separability@n3", "small_disjuncts"):
        told = [e for e in document["estimates"] if e["measure"] == f"data.{name}"]
        assert told and all(e["value"] is None and "nearly every row has its own" in e["notes"][0] for e in told), name


def test_measure_and_compare_show_it():
    crash = [ROOT / "examples/crash/predictions.parquet", "--label", "dead", "--score", "candidate", "--group", "sex"]
    document = evidence("measure", *crash)
    assert found(document, "class_counts", class_="1")["value"] == 371
    assert finding(document, "class_imbalance")["severity"] == "warning"
    code, out, _ = nonet("compare", *crash, "--baseline-score", "baseline")
    assert code in (0, 1, 2) and "Obstacle: class imbalance: 371 of 8,879 rows" in out
    assert "sex=female" in out


def test_what_a_stranger_reads():
    code, out, _ = nonet("data", "examples/crash/test.parquet", "--label", "dead", "--group", "sex,age_band")
    first = "\n".join(out.splitlines()[:40])
    assert code == 0
    assert "class imbalance: 371 of 8,879 rows are dead = 1 (4.18 %)" in first
    assert "not known" in first and "1. Judge by recall" in first
    assert first.index("What stands out") < first.index("What to do") < first.index("How well recall")


@pytest.mark.parametrize(("n_more", "word"), [(0, "--features"), (14, "exclude")])  # few features are named, many are not
def test_commands_of_findings_run(tmp_path, n_more, word):
    more = [f"m{k}" for k in range(n_more)]
    rows = [[1000 + 3 * i, i % 7, (i * i) % 11, int(i % 4 == 0), int(i % 4 == 0), *((i * (k + 3)) % 13 for k in range(n_more))] for i in range(900)]
    document = data(write(tmp_path / "it's.csv", ["id", "x", "z", "leak", "y", *more], rows), "--label", "y")
    commands = [row["command"] for row in document["findings"] if "command" in row]
    assert any("rebalance" in line for line in commands) and any(word in line for line in commands)
    actions = {row["command"] for row in document["actions"]}
    assert {row["command"] for row in document["findings"] if row["severity"] != "info" and "command" in row} <= actions
    for line in commands:
        code, out, err = nonet(*shlex.split(line)[1:], cwd=tmp_path)
        assert code == 0, (line, out, err)


@extra
@pytest.mark.parametrize(
    ("name", "label", "groups", "n_rare", "ids"),
    [  # rows of the rare class as the files' own notes state them
        ("adult", "income_gt_50k", "sex,race", 11687, {"group_by_class", "overlap"}),
        ("compas", "two_year_recid", "sex,race", 3251, {"group_by_class", "leaking_columns"}),
        ("german_credit", "bad_credit", "sex", 300, {"overlap"}),
        ("nass_cds", "dead", "sex", 1180, {"class_imbalance", "leaking_columns"}),
        ("abalone19", "rare", "sex", 32, {"class_imbalance", "group_by_class", "overlap"}),
        ("yeast6", "rare", None, 35, {"class_imbalance"}),
    ],
)
def test_real_data(name, label, groups, n_rare, ids):
    document = data(EXTRA / f"{name}.parquet", "--label", label, *(["--group", groups] if groups else []))
    assert found(document, "class_counts", class_="1")["value"] == n_rare
    serious = {row["id"].removeprefix("data.") for row in document["findings"] if row["severity"] != "info"}
    assert ids <= serious, (name, serious)
    assert strict_json(json.dumps(document))

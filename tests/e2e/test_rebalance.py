"""nonet rebalance: the rows imbalanced-learn keeps, made rows where they must be, and what a person may get wrong.

tests/golden/rebalance/make_fixtures.py made the values with imbalanced-learn 0.14.2. CSV is written back as it stood, so
rows are compared as lines.
"""

import json
import os
import resource
import signal
import stat
import subprocess
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT, binary, nonet, strict_json

FOLDER = ROOT / "tests" / "golden" / "rebalance"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
KEPT = [(name, method) for name in ("rows", "three") for method in EXPECTED[name]["kept"]]
MAKING = [(name, method) for name in ("rows", "three") for method in EXPECTED[name]["counts"]]


def rebalance(source, out, *more, code=0, says=()):
    """Runs it; the record, or (code not 0) the message, after checking that nothing was left behind."""
    before = set(os.listdir(out.parent)) if out.parent.is_dir() else set()
    got, text, err = nonet("rebalance", source, "-o", out, "--json", "-", *more)
    assert got == code, f"exit {got}: {err}"
    if code == 0:
        return strict_json(text)
    assert text == ""
    assert len(err.splitlines()) <= 12
    for word in [says] if isinstance(says, str) else says:
        assert word in err, f"{word!r} is missing: {err}"
    assert not out.parent.is_dir() or set(os.listdir(out.parent)) == before, "something was left behind"
    return err


def numbers(path):
    return np.loadtxt(path, delimiter=",", skiprows=1)


def neighbours(x, k):
    """[n][k] the nearest other rows, by every pair."""
    squared = ((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    return np.argsort(squared, axis=1, kind="stable")[:, :k]


def on_segment(made, base, other):
    """Whether made = base + u (other − base), u in [0, 1), for each pair (base, other)."""
    along = other - base
    u = ((made - base) * along).sum(axis=1) / (along**2).sum(axis=1)
    off = np.abs(base + u[:, None] * along - made).max(axis=1)
    return (off < 1e-12) & (u > -1e-12) & (u < 1 + 1e-12)


# ---- agreement -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "method"), KEPT)
def test_keeps_the_rows_of_imbalanced_learn(name, method, tmp_path):
    method_name, *options = method.split()
    record = rebalance(FOLDER / f"{name}.csv", tmp_path / "out.csv", "--label", "y", "--method", method_name, *options)
    head, *rows = (FOLDER / f"{name}.csv").read_text().splitlines()
    wanted = [rows[i] for i in EXPECTED[name]["kept"][method]]
    assert (tmp_path / "out.csv").read_text().splitlines() == [head, *wanted]
    assert record["rows"]["after"] == len(wanted)
    assert record["rows"]["removed"] == len(rows) - len(wanted)


@pytest.mark.parametrize(("name", "method"), MAKING)
def test_made_rows_lie_between_neighbours(name, method, tmp_path):
    source = numbers(FOLDER / f"{name}.csv")
    rebalance(FOLDER / f"{name}.csv", tmp_path / "out.csv", "--label", "y", "--method", method)
    out = numbers(tmp_path / "out.csv")
    n, (x, y) = len(source), (source[:, :-1], source[:, -1].astype(int))
    assert np.array_equal(out[:n], source)
    assert np.bincount(out[:, -1].astype(int)).tolist() == EXPECTED[name]["counts"][method]
    for code in set(out[n:, -1].astype(int)):
        places = np.flatnonzero(y == code)
        rows, made = x[places], out[n:][out[n:, -1] == code][:, :-1]
        near = neighbours(rows, 5)
        bases = np.arange(len(rows))
        if method == "borderline-smote":
            bases = np.flatnonzero(np.isin(places, EXPECTED[name]["danger"]))
        used = set()
        for i, row in enumerate(made):
            if method == "adasyn":  # rows stand in the order of their bases
                bases = [int(np.searchsorted(np.cumsum(EXPECTED[name]["adasyn"][str(code)]), i, side="right"))]
            base, other = np.repeat(bases, 5), near[bases].ravel()
            hits = np.flatnonzero(on_segment(row, rows[base], rows[other]))
            assert len(hits) > 0, f"made row {i} of class {code} lies on no segment"
            used.update(base[hits])
        # Every base has its turn, but for chance (a base in 30 is left out of 300 draws once in 26,000).
        allowed = np.flatnonzero(EXPECTED[name]["adasyn"][str(code)]) if method == "adasyn" else bases
        assert len(used & set(allowed)) >= 0.6 * len(allowed)


def test_smote_nc_takes_the_commonest_category(tmp_path):
    source = [line.split(",") for line in (FOLDER / "mixed.csv").read_text().splitlines()[1:]]
    options = ["--label", "y", "--method", "smote-nc", "--categorical", "colour,size"]
    record = rebalance(FOLDER / "mixed.csv", tmp_path / "out.csv", *options)
    out = [line.split(",") for line in (tmp_path / "out.csv").read_text().splitlines()[1:]]
    assert out[: len(source)] == source
    assert [c["after"] for c in record["classes"]] == EXPECTED["mixed"]["counts"]
    minority = [r for r in source if r[4] == "1"]
    x = np.array([[float(r[0]), float(r[1])] for r in minority])
    codes = np.array([[["blue", "green", "red"].index(r[2]), int(r[3])] for r in minority])
    step = EXPECTED["mixed"]["median_std"] ** 2
    squared = ((x[:, None] - x[None]) ** 2).sum(axis=2) + step * (codes[:, None] != codes[None]).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    near = np.argsort(squared, axis=1, kind="stable")[:, :5]
    for row in out[len(source) :]:
        made = np.array([float(row[0]), float(row[1])])
        base, other = np.repeat(np.arange(len(x)), 5), near.ravel()
        hits = on_segment(made, x[base], x[other])
        assert hits.any()
        fits = [
            all(counts[value] == counts.max() for counts, value in ((np.bincount(codes[near[b], 0], minlength=3), ["blue", "green", "red"].index(row[2])), (np.bincount(codes[near[b], 1], minlength=2), int(row[3]))))
            for b in set(base[hits])
        ]
        assert any(fits), f"{row} does not have the commonest categories of its base's neighbours"


@pytest.mark.parametrize("method", ["smote-tomek", "smote-enn"])
def test_smote_then_cleaning_is_both_in_turn(method, tmp_path):
    """Cleaning with all classes (the definition of SMOTETomek and SMOTEENN), by every pair, of what smote alone writes."""
    rebalance(FOLDER / "rows.csv", tmp_path / "smote.csv", "--label", "y", "--method", "smote")
    rebalance(FOLDER / "rows.csv", tmp_path / "out.csv", "--label", "y", "--method", method)
    lines = (tmp_path / "smote.csv").read_text().splitlines()[1:]
    all_rows = numbers(tmp_path / "smote.csv")
    x, y = all_rows[:, :-1], all_rows[:, -1].astype(int)
    near = neighbours(x, 3)
    if method == "smote-tomek":
        goes = (near[near[:, 0], 0] == np.arange(len(x))) & (y[near[:, 0]] != y)
    else:
        goes = (y[near] != y[:, None]).any(axis=1)
    assert goes.any()
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == [line for line, gone in zip(lines, goes) if not gone]


def test_weights(tmp_path):
    source = pa.table({"y": [0, 0, 0, 1, 1, 0, 0, 1], "g": ["a", "a", "a", "a", "b", "b", "b", "b"]})
    pq.write_table(source, tmp_path / "in.parquet")
    rebalance(tmp_path / "in.parquet", tmp_path / "c.parquet", "--label", "y", "--method", "class-weights")
    out = pq.read_table(tmp_path / "c.parquet")
    assert out.select(["y", "g"]) == source
    assert out["weight"].to_pylist() == pytest.approx([8 / (2 * 5) if y == 0 else 8 / (2 * 3) for y in source["y"].to_pylist()], abs=1e-15)
    options = ["--label", "y", "--method", "group-weights", "--group", "g", "--weight-name", "w"]
    rebalance(tmp_path / "in.parquet", tmp_path / "g.parquet", *options)
    out = pq.read_table(tmp_path / "g.parquet")
    # Kamiran & Calders (2012): P(group)·P(class) / P(group, class)
    wanted = {("a", 0): 4 * 5 / (8 * 3), ("a", 1): 4 * 3 / (8 * 1), ("b", 0): 4 * 5 / (8 * 2), ("b", 1): 4 * 3 / (8 * 2)}
    pairs = list(zip(source["g"].to_pylist(), source["y"].to_pylist()))
    assert out["w"].to_pylist() == pytest.approx([wanted[pair] for pair in pairs], abs=1e-15)


# ---- the table ---------------------------------------------------------------------------------------------------------------


def typed_table(n=200):
    random = np.random.default_rng(5)
    label = np.where(np.arange(n) % 8 == 0, "yes", "no")
    return pa.table(
        {
            "id": pa.array([f"r{i}" for i in range(n)]),
            "age": pa.array(random.integers(18, 90, n), pa.int16()),
            "paid": pa.array(random.normal(size=n).astype("float32"), pa.float32()),
            "when": pa.array([i * 86400 * 10**6 for i in range(n)], pa.timestamp("us")),
            "tags": pa.array([["a"] * (i % 3) for i in range(n)], pa.list_(pa.string())),
            "out": pa.array(label),
        }
    )


def test_types_and_other_columns_stay(tmp_path):
    source = typed_table()
    pq.write_table(source, tmp_path / "in.parquet")
    options = ["--label", "out", "--features", "age,paid"]
    rebalance(tmp_path / "in.parquet", tmp_path / "out.parquet", *options, "--method", "smote")
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.schema.names == source.schema.names
    assert [str(f.type).replace("element", "item") for f in out.schema] == [str(f.type) for f in source.schema]
    assert out.slice(0, 200).to_pylist() == source.to_pylist()
    made = out.slice(200).to_pylist()
    assert len(made) == 150
    assert all(row["id"] is None and row["when"] is None and row["tags"] is None for row in made)
    assert {row["out"] for row in made} == {"yes"}
    assert all(isinstance(row["age"], int) and 18 <= row["age"] < 90 for row in made)


def test_copies_stand_behind_and_removed_rows_leave_the_order(tmp_path):
    source = typed_table()
    pq.write_table(source, tmp_path / "in.parquet")
    rebalance(tmp_path / "in.parquet", tmp_path / "over.parquet", "--label", "out", "--method", "random-over")
    out = pq.read_table(tmp_path / "over.parquet").to_pylist()
    rows = source.to_pylist()
    assert out[:200] == rows
    assert len(out) == 350
    assert all(row in rows and row["out"] == "yes" for row in out[200:])
    rebalance(tmp_path / "in.parquet", tmp_path / "under.parquet", "--label", "out", "--method", "random-under", "--ratio", "0.5")
    ids = [row["id"] for row in pq.read_table(tmp_path / "under.parquet").to_pylist()]
    assert len(ids) == 75
    assert ids == sorted(ids, key=lambda name: int(name[1:]))
    assert {f"r{i}" for i in range(0, 200, 8)} <= set(ids)


@pytest.mark.parametrize("method", ["random-over", "random-under", "smote", "adasyn", "smote-tomek", "enn"])
def test_the_same_for_any_threads_and_another_for_another_seed(method, tmp_path):
    found = []
    for i, more in enumerate([["--threads", "1"], ["--threads", "3"], ["--seed", "2"]]):
        rebalance(FOLDER / "rows.csv", tmp_path / f"{i}.csv", "--label", "y", "--method", method, *more)
        found.append((tmp_path / f"{i}.csv").read_bytes())
    assert found[0] == found[1]
    assert (found[0] == found[2]) == (method == "enn")


def test_large_table_keeps_its_order(tmp_path):
    """More rows than any batch of the engine, through every way a row can take."""
    n = 700_000
    pq.write_table(pa.table({"i": np.arange(n), "y": (np.arange(n) % 50 == 0).astype("int8")}), tmp_path / "in.parquet")
    rebalance(tmp_path / "in.parquet", tmp_path / "out.parquet", "--label", "y", "--method", "random-over", "--ratio", "0.1")
    i = pq.read_table(tmp_path / "out.parquet")["i"].to_numpy()
    assert np.array_equal(i[:n], np.arange(n))
    assert len(i) == int(n * 0.98 * 0.1) + int(n * 0.98)
    assert np.all(np.diff(i[n:]) >= 0)
    assert np.all(i[n:] % 50 == 0)
    rebalance(tmp_path / "in.parquet", tmp_path / "w.parquet", "--label", "y", "--method", "class-weights")
    out = pq.read_table(tmp_path / "w.parquet")
    rare = np.arange(n) % 50 == 0
    assert np.array_equal(out["i"].to_numpy(), np.arange(n))
    assert np.allclose(out["weight"].to_numpy(), np.where(rare, 25.0, 25 / 49))


def test_report_and_query(tmp_path):
    code, text, err = nonet("rebalance", "--query", f"select * exclude (x5) from '{FOLDER}/rows.csv'", "-o", tmp_path / "o.parquet", "--label", "y", "--method", "tomek")
    assert (code, err) == (0, "")
    assert "400" in text and "removed" in text and "5 numbers" in text
    assert pq.read_table(tmp_path / "o.parquet").num_columns == 6
    record = rebalance(FOLDER / "rows.csv", tmp_path / "o.csv", "--label", "y", "--method", "smote", "--k", "3", "--seed", "7")
    assert (record["schema"], record["k"], record["seed"], record["ratio"]) == ("nonet/rebalance/1", 3, 7, 1)
    assert record["features"] == [f"x{i}" for i in range(6)]
    assert record["classes"][1] == {"class": "1", "before": 40, "after": 360, "made": 320, "copied": 0, "removed": 0, "weight": None}


# ---- what can be wrong ---------------------------------------------------------------------------------------------------------


def csv(path, rows, header="x,y"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_too_few_rows_of_a_class(tmp_path):
    rows = [f"{i * 0.37},{int(i >= 30)}" for i in range(33)]
    says = ["k = 5", "'1' has 3", "--k 2", "random-over"]
    rebalance(csv(tmp_path / "in.csv", rows), tmp_path / "out.csv", "--label", "y", "--method", "smote", code=65, says=says)
    rebalance(tmp_path / "in.csv", tmp_path / "out2.csv", "--label", "y", "--method", "smote", "--k", "2")
    rows = [f"{i * 0.37},{int(i >= 32)}" for i in range(33)]
    csv(tmp_path / "one.csv", rows)
    rebalance(tmp_path / "one.csv", tmp_path / "o.csv", "--label", "y", "--method", "smote", code=65, says="1 row")


@pytest.mark.parametrize(
    ("header", "row", "options", "says"),
    [
        ("x,t,y", lambda i: f"{i / 7},{'ab'[i % 2]},{int(i > 40)}", ["smote"], ["'t'", "texts", "smote-nc"]),
        ("x,t,y", lambda i: f"{i / 7},{'ab'[i % 2]},{int(i > 40)}", ["tomek"], ["'t'", "--features"]),
        ("x,t,y", lambda i: f"{i / 7},name{i},{int(i > 40)}", ["smote-nc", "--categorical", "t"], ["'t'", "id"]),
        ("x,id,y", lambda i: f"{i / 7},{i + 1000},{int(i > 40)}", ["smote"], ["'id'", "different value", "--features"]),
        ("x,z,y", lambda i: f"{i / 7},{'' if i == 9 else i / 3},{int(i > 40)}", ["enn"], ["'z'", "1 row", "row 10", "--query"]),
        ("x,y", lambda i: f"{i / 7},{'' if i == 9 else int(i > 40)}", ["random-over"], ["label", "row 10"]),
        ("x,y", lambda i: f"{i / 7},1", ["random-over"], ["one class", "150 rows"]),
        ("x,y", lambda i: f"{i},{i / 7}", ["random-over"], ["'y'", "150 different", "number to predict"]),
        ("x,y", lambda i: f"{'inf' if i == 4 else i / 7},{int(i > 40)}", ["tomek"], ["'x'", "row 5"]),
        ("x,y", lambda i: f"{i / 7 + 99 * (i > 40)},{int(i > 40)}", ["adasyn"], ["'0'", "smote"]),
        ("x,y", lambda i: f"{i / 7 + 99 * (i > 40)},{int(i > 40)}", ["borderline-smote"], ["'0'", "smote"]),
        ("weight,y", lambda i: f"{i / 7},{int(i > 40)}", ["class-weights"], ["'weight'", "--weight-name"]),
    ],
)
def test_bad_data(header, row, options, says, tmp_path):
    csv(tmp_path / "in.csv", [row(i) for i in range(150)], header)
    rebalance(tmp_path / "in.csv", tmp_path / "out.csv", "--label", "y", "--method", *options, code=65, says=says)


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--label", "y"], 64, "--method"),
        (["--method", "smote"], 64, "--label"),
        (["--label", "y", "--method", "smot"], 64, ["'smote'", "nearmiss-3"]),
        (["--label", "yy", "--method", "smote"], 65, ["'yy'", "'y'"]),
        (["--label", "y", "--method", "smote", "--features", "x0,x9"], 65, ["'x9'"]),
        (["--label", "y", "--method", "smote", "--features", "x0,y"], 64, ["'y'", "label"]),
        (["--label", "y", "--method", "smote", "--ratio", "0.01"], 64, ["0.01", "0.1111"]),
        (["--label", "y", "--method", "smote", "--ratio", "2"], 64, "--ratio"),
        (["--label", "y", "--method", "smote", "--ratio", "nan"], 64, "--ratio"),
        (["--label", "y", "--method", "smote", "--k", "0"], 64, "--k"),
        (["--label", "y", "--method", "tomek", "--k", "5"], 64, "--k"),
        (["--label", "y", "--method", "tomek", "--ratio", "1"], 64, "--ratio"),
        (["--label", "y", "--method", "smote", "--categorical", "x0"], 64, "smote-nc"),
        (["--label", "y", "--method", "smote-nc"], 64, "--categorical"),
        (["--label", "y", "--method", "smote-nc", "--categorical", "y"], 64, ["'y'", "the label"]),
        (["--label", "y", "--method", "smote-nc", "--categorical", "x1", "--features", "x0"], 64, ["'x1'", "--features"]),
        (["--label", "y", "--method", "group-weights"], 64, "--group"),
        (["--label", "y", "--method", "nearmiss-1", "--k", "41"], 65, ["'1' has 40", "--k 40"]),
    ],
)
def test_bad_options(options, code, says, tmp_path):
    rebalance(FOLDER / "rows.csv", tmp_path / "out.csv", *options, code=code, says=says)


def test_labels_that_doubles_cannot_tell_apart(tmp_path):
    source = pa.table({"y": pa.array([2**63 + i % 2 for i in range(90)], pa.uint64())})
    pq.write_table(source, tmp_path / "in.parquet")
    rebalance(tmp_path / "in.parquet", tmp_path / "out.parquet", "--label", "y", "--method", "random-over", code=65, says=["'y'", "2^53"])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_beyond_the_limit(ending, tmp_path):
    """Beyond `ulimit -f` a write kills a process that does not see to it, and leaves half a file."""
    n = 20000
    pq.write_table(pa.table({"x": np.random.default_rng(1).normal(size=n), "y": np.arange(n) % 4 // 3}), tmp_path / "in.parquet")
    out = tmp_path / "out" / f"out.{ending}"
    out.parent.mkdir()
    run = subprocess.run(
        [binary(), "rebalance", tmp_path / "in.parquet", "-o", out, "--label", "y", "--method", "random-over"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)),
    )
    assert run.returncode == 74 and out.name in run.stderr and "File too large" in run.stderr
    assert os.listdir(out.parent) == []


def test_bad_outputs(tmp_path):
    options = ["--label", "y", "--method", "tomek"]
    rebalance(FOLDER / "rows.csv", tmp_path / "out.xlsx", *options, code=64, says=[".parquet", ".csv"])
    rebalance(FOLDER / "rows.csv", tmp_path / "none" / "out.csv", *options, code=73, says="none")
    (tmp_path / "folder.csv").mkdir()
    rebalance(FOLDER / "rows.csv", tmp_path / "folder.csv", *options, code=73, says="folder")
    rebalance(tmp_path / "gone.csv", tmp_path / "out.csv", *options, code=66, says="gone.csv")
    own = tmp_path / "own.csv"
    own.write_bytes((FOLDER / "rows.csv").read_bytes())
    rebalance(own, own, *options, code=64, says="overwritten")
    assert own.read_bytes() == (FOLDER / "rows.csv").read_bytes()
    (tmp_path / "full.csv").symlink_to("/dev/full")
    rebalance(FOLDER / "rows.csv", tmp_path / "full.csv", *options, code=74, says="full.csv")
    code, _, err = nonet("rebalance", FOLDER / "rows.csv", "--label", "y", "--method", "tomek")
    assert code == 64 and "-o" in err
    same = tmp_path / "same.csv"
    code, _, err = nonet("rebalance", FOLDER / "rows.csv", "-o", same, "--json", same, *options)
    assert code == 64 and "two files" in err and not same.exists()


def test_an_older_target_stays_until_the_new_one_is_whole(tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("older\n")
    out.chmod(0o640)
    rebalance(FOLDER / "rows.csv", out, "--label", "z", "--method", "tomek", code=65, says="'z'")
    assert out.read_text() == "older\n"
    rebalance(FOLDER / "rows.csv", out, "--label", "y", "--method", "tomek")
    assert out.read_text().startswith("x0,")
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


def test_stop_leaves_nothing(tmp_path):
    n = 60_000
    random = np.random.default_rng(1)
    columns = {f"x{i}": random.normal(size=n) for i in range(30)}
    pq.write_table(pa.table({**columns, "y": (random.random(n) < 0.5).astype("int8")}), tmp_path / "in.parquet")
    out = tmp_path / "out.parquet"
    command = [binary(), "rebalance", tmp_path / "in.parquet", "-o", out, "--label", "y", "--method", "enn", "--log-level", "info"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = ""
    while "neighbours" not in seen:
        line = process.stderr.readline()
        assert line, f"it ended before it could be stopped: {seen}"
        seen += line
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    text, err = process.communicate(timeout=60)
    assert process.returncode == 130, seen + err
    assert text == ""
    assert sorted(os.listdir(tmp_path)) == ["in.parquet"]

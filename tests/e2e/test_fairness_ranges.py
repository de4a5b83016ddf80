"""A numeric sensitive column: which ranges it becomes, the same whatever the file, the order and the threads.

The oracle is the same column cut into text by this test: nonet must give the numbers of that column.
"""

import bisect
import math
import random

import pyarrow
import pyarrow.parquet
import pytest
from conftest import close, evidence, nonet


def make_rows(n=4000):
    dice = random.Random(7)
    rows = []
    for i in range(n):
        age = dice.randint(17, 89)
        p = min(1.0, max(0.0, dice.betavariate(2, 3) + (age - 50) / 300))
        income = round(math.exp(dice.gauss(10, 1)), 2)
        gain = 0 if dice.random() < 0.9 else dice.randint(1, 5000)
        known = "" if dice.random() < 0.05 else age
        rows.append((int(dice.random() < p), round(p, 6), age, income, gain, known, dice.choice("ab"), i))
    return rows


NAMES = ("y", "p", "age", "income", "gain", "known", "sex", "id")
ROWS = make_rows()
COLUMN = {name: [row[k] for row in ROWS] for k, name in enumerate(NAMES)}


def write(path, columns):
    names = list(columns)
    lines = (",".join(str(v) for v in row) for row in zip(*columns.values(), strict=True))
    path.write_text(",".join(names) + "\n" + "\n".join(lines) + "\n")
    return path


def measure(source, group, *more):
    args = ("--label", "y", "--score", "p", "--only", "fairness", "--group", group, "--quiet")
    return evidence("measure", source, *args, *more)


def gaps(document, column):
    """Everything that is said over the column, in one comparable form."""
    wanted = {"kind": "column", "column": column}
    return sorted((e["measure"], e["value"], e["low"], e["high"]) for e in document["estimates"] if e["scope"] == wanted)


def quartiles(values):
    """The smallest value with at least a quarter, half, three quarters of the rows at or below it."""
    ordered = sorted(values)
    return [ordered[math.ceil(j * len(ordered) / 4) - 1] for j in (1, 2, 3)]


def cut(values, edges):
    return ["none" if v == "" else f"r{bisect.bisect_right(edges, v)}" for v in values]


def rounded(values, step):
    return [math.floor(q / step + 0.5) * step for q in quartiles(values)]


CASES = [
    ("age", 5, "by quartiles, rounded to 5: "),  # (q3 − q1)/5 is about 7
    ("income", 5000, "by quartiles, rounded to 5000: "),
    ("known", 5, "by quartiles, rounded to 5: "),
]


@pytest.mark.parametrize(("column", "step", "rule"), CASES, ids=lambda c: str(c))
def test_quartiles_at_readable_edges(tmp_path, column, step, rule):
    values = [v for v in COLUMN[column] if v != ""]
    first, _, last = quartiles(values)
    assert step <= (last - first) / 5 < 2 * step, "the step is the largest of 1, 2, 5 that fits"
    edges = rounded(values, step)
    columns = {name: COLUMN[name] for name in ("y", "p", column)} | {"cut": cut(COLUMN[column], edges)}
    document = measure(write(tmp_path / "t.csv", columns), f"{column},cut")
    assert document["inputs"]["config"]["ranges"] == {column: rule + ", ".join(str(e) for e in edges)}
    assert gaps(document, column) and gaps(document, column) == gaps(document, "cut")
    groups = {e["scope"]["by"][column] for e in document["estimates"] if column in e["scope"].get("by", {})}
    low, middle, high = edges
    named = {f"under {low}", f"[{low}, {middle})", f"[{middle}, {high})", f"{high} or more"}
    assert groups == named | ({None} if column == "known" else set())
    over = [e for e in document["estimates"] if e["scope"].get("column") == column and e["measure"].endswith("fpr_gap")]
    assert f"{column} {rule}" in over[0]["notes"][-1], "the rule stands with the gap"


def test_mostly_one_value(tmp_path):
    """All quartiles are 0: the edge is the least value above."""
    least = min(v for v in COLUMN["gain"] if v > 0)
    columns = {name: COLUMN[name] for name in ("y", "p", "gain")} | {"cut": cut(COLUMN["gain"], [least])}
    document = measure(write(tmp_path / "t.csv", columns), "gain,cut")
    assert document["inputs"]["config"]["ranges"] == {"gain": f"by quartiles: {least}"}
    assert gaps(document, "gain") == gaps(document, "cut")


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_infinities_and_nan(tmp_path, suffix):
    """NaN is missing; infinities lie in the outer ranges and move no edge."""
    values = [v + 0.5 if v != "" else v for v in COLUMN["known"]]
    edges = rounded([v for v in values if v != ""], 5)
    odd = [{3: math.inf, 7: -math.inf, 11: math.nan}.get(i % 100 if i < 1000 else 0, v) for i, v in enumerate(values)]
    kept = [v for v in odd if v != "" and math.isfinite(v)]
    assert rounded(kept, 5) == edges
    groups = cut(["" if v != "" and math.isnan(v) else v for v in odd], edges)
    columns = {"y": COLUMN["y"], "p": COLUMN["p"], "known": odd, "cut": groups}
    source = write(tmp_path / "t.csv", columns)
    if suffix == ".parquet":
        source = tmp_path / "t.parquet"
        columns["known"] = [None if v == "" else v for v in odd]
        pyarrow.parquet.write_table(pyarrow.table(columns), source)
    document = measure(source, "known,cut")
    assert document["inputs"]["config"]["ranges"] == {"known": "by quartiles, rounded to 5: " + ", ".join(map(str, edges))}
    assert gaps(document, "known") and gaps(document, "known") == gaps(document, "cut")


def test_stated_edges(tmp_path):
    edges = [25, 45, 65]
    columns = {name: COLUMN[name] for name in ("y", "p", "known", "sex")} | {"cut": cut(COLUMN["known"], edges)}
    source = write(tmp_path / "t.csv", columns)
    document = measure(source, "sex,known:25,45,65,cut", "--intersections", "2")
    assert document["inputs"]["config"]["ranges"] == {"known": "as stated: 25, 45, 65"}
    assert document["inputs"]["config"]["groups"] == ["sex", "known", "cut"]
    assert gaps(document, "known") and gaps(document, "known") == gaps(document, "cut")
    over = [e for e in document["estimates"] if e["scope"].get("columns") == ["known", "sex"]]
    cuts = [e for e in document["estimates"] if e["scope"].get("columns") == ["cut", "sex"]]
    assert over and [e["value"] for e in over] == [e["value"] for e in cuts]


def test_few_values_stay_groups(tmp_path):
    columns = {"y": COLUMN["y"], "p": COLUMN["p"], "few": [i % 20 for i in range(len(ROWS))]}
    document = measure(write(tmp_path / "t.csv", columns), "few")
    assert "ranges" not in document["inputs"]["config"]
    assert len({e["scope"]["by"]["few"] for e in document["estimates"] if "by" in e["scope"]}) == 20


def test_order_threads_and_formats(tmp_path):
    """One answer from CSV in any order, cut into files, on any number of threads."""
    write(tmp_path / "t.csv", COLUMN)
    order = list(range(len(ROWS)))
    random.Random(3).shuffle(order)
    write(tmp_path / "u.csv", {name: [values[i] for i in order] for name, values in COLUMN.items()})
    for k in range(3):
        write(tmp_path / f"part{k}.csv", {name: values[k::3] for name, values in COLUMN.items()})
    found = []
    for source in ("t.csv", "u.csv", "part*.csv"):
        for threads in ("1", "2"):
            document = measure(tmp_path / source, "age,income,gain,known", "--threads", threads)
            found.append([document["inputs"]["config"]["ranges"]] + [gaps(document, c) for c in ("age", "income")])
    query = ("--query", f"select * from read_csv('{tmp_path}/t.csv')")
    document = evidence(
        *("measure", *query, "--label", "y", "--score", "p", "--only", "fairness", "--quiet"),
        *("--group", "age,income,gain,known"),
    )
    found.append([document["inputs"]["config"]["ranges"]] + [gaps(document, c) for c in ("age", "income")])
    assert all(one == found[0] for one in found)


def test_more_values_than_cells(tmp_path):
    """12,000 different amounts are four groups; with a text of as many values the text is refused."""
    n = 12000
    rows = {"y": [i % 2 for i in range(n)], "p": [(i * 7 % 10) / 10 for i in range(n)]}
    rows |= {"amount": [i + 0.5 for i in range(n)], "name": [f"n{i}" for i in range(n)], "number": list(range(n))}
    source = write(tmp_path / "t.csv", rows)
    document = measure(source, "amount")
    assert document["inputs"]["config"]["ranges"] == {"amount": "by quartiles, rounded to 1000: 3000, 6000, 9000"}
    args = ("measure", source, "--label", "y", "--score", "p", "--group")
    code, _, err = nonet(*args, "amount,name")
    assert code == 65 and "'name' has the most values" in err
    code, _, err = nonet(*args, "number")
    assert code == 65 and "like an id" in err and "number:25,45,65" in err
    code, _, _ = nonet(*args, "number:6000")
    assert code == 0, "stated edges are taken at their word"


def test_parts_need_stated_edges(tmp_path):
    for k in range(2):
        write(tmp_path / f"p{k}.csv", {name: values[k::2] for name, values in COLUMN.items()})
    write(tmp_path / "t.csv", COLUMN)
    for k in range(2):
        args = ("measure", tmp_path / f"p{k}.csv", "--label", "y", "--score", "p", "--state", tmp_path / f"{k}.state")
        code, _, err = nonet(*args, "--group", "known")
        assert code == 65 and "parts of a whole need the same ranges" in err
        assert nonet(*args, "--group", "known:9,45,100")[0] == 0
    merged = evidence("merge", tmp_path / "0.state", tmp_path / "1.state", "--only", "fairness", "--quiet")
    assert gaps(merged, "known") == gaps(measure(tmp_path / "t.csv", "known:9,45,100"), "known")
    args = ("measure", tmp_path / "p1.csv", "--label", "y", "--score", "p", "--state", tmp_path / "other.state")
    assert nonet(*args, "--group", "known:9,46,100")[0] == 0
    code, _, err = nonet("merge", tmp_path / "0.state", tmp_path / "other.state")
    assert code == 65 and "ranges of a group column" in err and "9, 46, 100" in err


@pytest.mark.parametrize(
    ("group", "code", "words"),
    [
        ("age:45,25", 64, "must ascend"),
        ("sex:3", 65, "column 'sex' has edges, which part numbers; found '"),
        ("aeg:3", 65, "did you mean 'age'"),
        ("age,age:3", 64, "given twice"),
    ],
)
def test_mistakes(tmp_path, group, code, words):
    source = write(tmp_path / "t.csv", COLUMN)
    found, _, err = nonet("measure", source, "--label", "y", "--score", "p", "--group", group)
    assert (found, words in err) == (code, True), err


def test_in_check_and_in_requirements(tmp_path):
    source = write(tmp_path / "t.csv", COLUMN)
    config = tmp_path / "nonet.yaml"
    config.write_text(
        "nonet: 1\nmodels: {candidate: {columns: {score: p}}}\nstore: none\n"
        f"data:\n  test: {source.name}\n  label: y\n  groups: [sex, 'age:30,60']\n  intersections: 2\n"
        "require:\n  - 'fairness.accuracy_gap{age} <= 0.5'\n"
        "  - 'correctness.accuracy{age=[30, 60)} >= 0.3'\n  - 'correctness.accuracy{age=60 or more, sex=a} >= 0.3'\n"
    )
    document = evidence("check", config, "--quiet", codes=(0, 1, 2))
    states = [(j["scope"], j["state"]) for j in document["judgements"] if j["kind"] == "requirement"]
    assert [s for _, s in states] == ["MET"] * 3
    assert states[1][0]["by"] == {"age": "[30, 60)"}
    assert any(e["scope"].get("columns") == ["age", "sex"] for e in document["estimates"]), "intersections: 2"
    measured = measure(source, "age:30,60")
    both = [
        [e["value"] for e in d["estimates"] if (e["measure"], e["scope"].get("column")) == ("fairness.fpr_gap", "age")]
        for d in (document, measured)
    ]
    assert both[0] and close(both[0][0], both[1][0])

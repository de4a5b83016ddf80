"""The same rows give the same digest: for any threads, batch sizes, row order, file format and any split into parts that are merged.

Nothing here is compared with a stored value: every run is held against another run on the same rows.
"""

import datetime
import decimal
import functools
import math
import random

import pyarrow
import pyarrow.feather
import pyarrow.parquet
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


# ---- groups: ranges of numbers, crossings, a reference, control columns ----

TYPES = {
    "y": pyarrow.int64(),
    "p": pyarrow.float64(),
    "base": pyarrow.float64(),
    "age": pyarrow.int16(),
    "income": pyarrow.decimal128(12, 2),
    "change": pyarrow.float64(),
    "fee": pyarrow.decimal128(6, 2),
    "day": pyarrow.date32(),
    "few": pyarrow.float64(),
    "sex": pyarrow.dictionary(pyarrow.int8(), pyarrow.string()),
    "region": pyarrow.string(),
    "weight": pyarrow.float64(),
}
GROUPED = {
    "ranges": ["--group", "age,income,change"],
    "stated": ["--group", "age:30,45.5,60,income:10000"],
    "values": ["--group", "fee,day,few", "--intersections", "2"],
    "crossed": ["--group", "sex,age:40,region", "--intersections", "3"],
    "reference": ["--group", "sex,age:40,region", "--intersections", "2", "--reference", "region=c,sex=Male,age=40 or more"],
    "control": ["--group", "sex", "--control", "region,income:20000"],
    "weighted": ["--group", "sex,age:40", "--reference", "sex=Male", "--weight", "weight"],
}
COLUMNS = ["--label", "y", "--score", "p", "--baseline-score", "base"]
COMMANDS = {"measure": [], "compare": ["--context", "regulated-decision"]}
ASKED = ["--only", "fairness,correctness.auc,correctness.accuracy", *FEW]
CASES_GROUPED = [("measure", name) for name in GROUPED] + [("compare", name) for name in ("ranges", "reference", "control")]


@functools.cache
def people(n=1200):
    dice, rows = random.Random(5), []
    for _ in range(n):
        age = dice.randint(17, 89)
        p = min(0.999, max(0.001, dice.betavariate(2, 3) + (age - 50) / 300))
        rows.append(
            {
                "y": int(dice.random() < p),
                "p": round(p, 6),
                "base": round(min(0.999, max(0.001, p + dice.gauss(0, 0.1))), 4),
                "age": None if dice.random() < 0.05 else age,
                "income": decimal.Decimal(round(100 * math.exp(dice.gauss(10, 1)))).scaleb(-2),
                "change": round(dice.gauss(0, 3), dice.choice([1, 3, 8])),
                "fee": dice.choice([decimal.Decimal("1.50"), decimal.Decimal("2.00"), None]),
                "day": dice.choice([datetime.date(2024, 1, 9), datetime.date(2023, 11, 30)]),
                "few": dice.choice([1.0, 2.5, 3.0]),
                "sex": dice.choice(["Female", "Male"]),
                "region": dice.choice("aabbbc"),
                "weight": round(dice.uniform(0.5, 2), 3),
            }
        )
    return rows


def write_people(rows, path):
    if path.suffix == ".csv":
        cells = (",".join("" if v is None else str(v) for v in row.values()) for row in rows)
        path.write_text("\n".join([",".join(TYPES), *cells]) + "\n")
        return path
    table = pyarrow.table({name: pyarrow.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=400)
    else:
        pyarrow.feather.write_feather(table, path, chunksize=400)
    return path


@pytest.fixture(scope="module")
def people_csv(tmp_path_factory):
    return write_people(people(), tmp_path_factory.mktemp("people") / "people.csv")


def document_of(command, path, options, *more):
    return evidence(command, path, *COLUMNS, *options, *COMMANDS[command], *ASKED, *more, codes=(0, 1, 2))


@pytest.fixture(scope="module", params=CASES_GROUPED, ids="-".join)
def grouped(request, people_csv):
    command, name = request.param
    document = document_of(command, people_csv, GROUPED[name], "--threads", 1)
    return command, name, document["digest"]


def test_groups_are_there(people_csv):
    """What the digests below are of: every case has numbers over its columns, in the way it asks for."""
    found = {name: document_of("measure", people_csv, options) for name, options in GROUPED.items()}
    over = {
        name: {e["scope"]["column"] for e in d["estimates"] if e["scope"]["kind"] == "column" and e["value"] is not None}
        for name, d in found.items()
    }
    assert over["ranges"] == {"age", "income", "change"} == set(found["ranges"]["inputs"]["config"]["ranges"])
    assert over["values"] == {"fee", "day", "few", "day*fee", "day*few", "fee*few"}
    assert "age*region*sex" in over["crossed"]
    methods = {e["method"] for e in found["reference"]["estimates"]}
    assert "gap-reference" in methods and found["reference"]["inputs"]["config"]["reference"]["age"] == "40 or more"
    assert found["control"]["inputs"]["config"]["controls"] == ["region", "income"]
    assert any(e["measure"] == "fairness.conditional_parity" and e["value"] is not None for e in found["control"]["estimates"])


@pytest.mark.parametrize(("threads", "rows"), [(2, 1000), (7, 300)])
def test_groups_threads_and_batches(grouped, people_csv, threads, rows):
    command, name, expected = grouped
    assert document_of(command, people_csv, GROUPED[name], "--threads", threads, "--batch-rows", rows)["digest"] == expected


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow"])
def test_groups_formats_and_row_order(grouped, tmp_path, suffix):
    command, name, expected = grouped
    rows = people().copy()
    random.Random(len(suffix)).shuffle(rows)
    assert document_of(command, write_people(rows, tmp_path / f"rows{suffix}"), GROUPED[name])["digest"] == expected


@pytest.mark.parametrize("name", [name for name in GROUPED if name != "ranges"])  # edges by quartiles: test_fairness_ranges
def test_groups_merged(name, people_csv, tmp_path):
    """Parts of other formats, and one without the reference group; merge is told what is asked of the groups again."""
    rows = people()
    parts = {
        "a.csv": [r for r in rows if r["region"] == "a"],
        "b.parquet": [r for r in rows if r["region"] == "b"],
        "c.arrow": [r for r in rows if r["region"] == "c"],
    }
    states = []
    for file, part in parts.items():
        states.append(tmp_path / f"{file}.state")
        code, _, err = nonet("measure", write_people(part, tmp_path / file), *COLUMNS, *GROUPED[name], *ASKED, "--state", states[-1])
        assert code == 0, err
    asked = [v for k in ("--intersections", "--reference") if k in GROUPED[name] for v in (k, GROUPED[name][GROUPED[name].index(k) + 1])]
    merged = evidence("merge", *reversed(states), *asked, *ASKED)
    assert merged["digest"] == document_of("measure", people_csv, GROUPED[name])["digest"]


def test_a_reference_that_no_part_has(people_csv, tmp_path):
    state = tmp_path / "a.state"
    args = ("measure", people_csv, *COLUMNS, "--group", "region", *ASKED)
    assert nonet(*args, "--reference", "region=d", "--state", state)[0] == 0
    for code, _, err in (nonet(*args, "--reference", "region=d"), nonet("merge", state, "--reference", "region=d", *ASKED)):
        assert code == 65 and "no group 'd'; it has 'a', 'b', 'c'" in err

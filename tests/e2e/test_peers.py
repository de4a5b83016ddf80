"""Every number nonet shares with scikit-learn, SciPy, statsmodels, pROC and vcd, on seeded data, through the command line.

tests/golden/peers/make_fixtures.py made the values; each has its peer, call, tolerance and, where it needs one, a note.
"""

import functools
import json

import pytest
from conftest import ROOT, close, estimate, evidence, nonet

FOLDER = ROOT / "tests" / "golden" / "peers"
RUNS = {run["name"]: run for run in json.loads((FOLDER / "expected.json").read_text())["runs"]}
CASES = [(name, i) for name, run in RUNS.items() for i in range(len(run["cases"]))]
# contract.md fixes the values of these and not how the part after '@' is spelled: skipped where the build has another spelling.
FREE_SPELLING = ("auc_partial@", "brier@", "mce@", "ece@bins")


def command(name, suffix, *more):
    run = RUNS[name]
    return ("measure", FOLDER / f"{run['data']}.{suffix}", *run["args"], "--quiet", *more)


@functools.cache
def measured(name, suffix="parquet"):
    return evidence(*command(name, suffix))


@functools.cache
def asked(name, measure):
    """One measure by name, for what is not in the default set; None where the build does not know the name."""
    code, _, err = nonet(*command(name, "parquet", "--only", measure))
    if code == 64:
        return None
    assert code == 0, err
    return evidence(*command(name, "parquet", "--only", measure))


def case_name(case):
    name, i = case
    c = RUNS[name]["cases"][i]
    where = ".".join([*c["scope"].get("by", {}).values(), *([c["scope"]["class"]] if "class" in c["scope"] else [])])
    return f"{name}-{c['id'].removeprefix('correctness.')}-{c['role']}{'-' + where if where else ''}-{i}"


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_agrees(case):
    name, i = case
    c = RUNS[name]["cases"][i]
    got = estimate(measured(name), c["id"], c["role"], c["scope"])
    if got is None:
        document = asked(name, c["id"])
        if document is None and c["id"].removeprefix("correctness.").startswith(FREE_SPELLING):
            pytest.skip(f"{c['id']}: not a spelling of this build")
        assert document is not None, f"{c['id']}: not known to this build"
        got = estimate(document, c["id"], c["role"], c["scope"])
        assert got is not None, f"{c['id']} was not measured: {document['skipped']}"
    for field in ("value", "low", "high"):
        if field in c:
            found = f"{c['id']} {field}: {got[field]!r}, {c['peer']} has {c[field]!r} ({c['call']}; method {got['method']}) {c.get('note', '')}"
            assert close(got[field], c[field], c["tolerance"]), found


@pytest.mark.parametrize("name", RUNS)
def test_csv_and_parquet_have_one_digest(name):
    assert measured(name, "csv")["digest"] == measured(name, "parquet")["digest"]

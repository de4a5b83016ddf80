"""auc_gap@bpsn and @bnsp against scikit-learn's AUCs of each group and its background (make_cross_auc.py).

How often the bounds hold is simulated in src/measure/fairness/gap_cross_auc_coverage_long.c.
"""

import json

import pytest
from conftest import ROOT, close, evidence, nonet

FOLDER = ROOT / "tests" / "golden" / "fairness"
EXPECTED = json.loads((FOLDER / "cross_auc.json").read_text())
ASKED = "fairness.auc_gap@bpsn,fairness.auc_gap@bnsp"
ARGS = ("measure", FOLDER / "cross_auc.csv", "--label", "y", "--score", "p", "--group", "g", "--only", ASKED, "--quiet")


def gap_of(document, variant):
    found = [e for e in document["estimates"] if e["measure"] == f"fairness.auc_gap@{variant}"]
    assert [e["scope"] for e in found] == [{"kind": "column", "column": "g"}]
    return found[0]


@pytest.mark.parametrize("variant", ["bpsn", "bnsp"])
@pytest.mark.parametrize("weights", [(), ("--weight", "w")], ids=["plain", "weighted"])
def test_agrees(variant, weights):
    document = evidence(*ARGS, *weights)
    of = EXPECTED[variant + ("_weighted" if weights else "")]
    got = gap_of(document, variant)
    low, high = min(of, key=of.get), max(of, key=of.get)
    assert close(got["value"], of[high] - of[low])
    assert got["notes"][0] == f"from {low} {of[low]:.3g} to {high} {of[high]:.3g}"
    assert 0 <= got["low"] <= got["value"] <= got["high"] and got["method"] == "gap-bonferroni"


def test_against_a_reference():
    of = EXPECTED["bpsn"]
    got = gap_of(evidence(*ARGS, "--reference", "g=b"), "bpsn")
    assert close(got["value"], max(abs(v - of["b"]) for v in of.values()))
    assert got["method"] == "gap-bonferroni-reference" and " b " in got["notes"][0]


def test_clusters_and_small_groups(tmp_path):
    lines = (FOLDER / "cross_auc.csv").read_text().splitlines()
    rows = [f"{line},{i // 3}" for i, line in enumerate(lines[1:])] + [f"e,1,1,0.{i},{i}" for i in range(1, 9)]
    source = tmp_path / "t.csv"
    source.write_text("\n".join([lines[0] + ",c", *rows]) + "\n")
    args = ("--label", "y", "--score", "p", "--group", "g", "--only", ASKED, "--quiet")
    plain, clustered = (evidence("measure", source, *args, *more) for more in ((), ("--cluster", "c")))
    for document in (plain, clustered):
        for variant in ("bpsn", "bnsp"):
            got = gap_of(document, variant)
            assert got["low"] <= got["value"] <= got["high"]
            assert any("g=e" in note for note in got["notes"]), "a group of 8 rows is named"


def test_asked_by_name_only():
    document = evidence(*ARGS[:8], "--only", "fairness", "--quiet")
    assert {e["measure"] for e in document["estimates"] if "auc_gap" in e["measure"]} == {"fairness.auc_gap"}
    code, _, err = nonet(*ARGS[:8], "--only", "fairness.auc_gap@bpns")
    assert code == 64 and "bpsn" in err

"""Curves in the evidence: for both models and every group, with a band, and in agreement with the numbers beside them.

The points themselves are held against scikit-learn beside the source (src/measure/correctness/drawn_curves_test.c).
"""

import functools

import pytest
from conftest import ROOT, estimate, evidence, nonet

PEERS = ROOT / "tests" / "golden" / "peers"
ROWS = (PEERS / "binary_ties.parquet", "--label", "y", "--score", "p", "--quiet", "--replicates", "50")
DRAWN = ["correctness.pr", "correctness.reliability", "correctness.roc"]


@functools.cache
def measured(*more):
    return evidence("measure", *ROWS, *more)


def curve(document, measure, role="candidate", scope=None):
    found = [c for c in document["curves"] if (c["measure"], c["role"], c["scope"]) == (measure, role, scope or {"kind": "all"})]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("more", [(), ("--weight", "w"), ("--weight", "w", "--cluster", "cluster")], ids=["plain", "weights", "clusters"])
def test_every_model_and_group_has_its_curves(more):
    document = measured("--baseline-score", "base", "--group", "g", *more)
    scopes = {str(e["scope"]) for e in document["estimates"] if e["measure"] == "correctness.auc"}
    assert len(scopes) > 2
    assert len(document["curves"]) == len(DRAWN) * 2 * len(scopes)
    for c in document["curves"]:
        about = document["measures"][c["measure"]]
        assert about["axis_x"] and about["axis_y"]
        assert 2 <= len(c["x"]) == len(c["y"]) == len(c["low"]) == len(c["high"]) <= 200, c
        assert c["x"] == sorted(c["x"])
        assert all(0 <= low <= y <= high <= 1 for low, y, high in zip(c["low"], c["y"], c["high"])), c
        assert c["method"].startswith("simultaneous") == (c["measure"] == "correctness.roc" and not more)
        assert c["level"] == 0.95 and c["n"] > 0
    order = [(c["measure"], ["candidate", "baseline"].index(c["role"])) for c in document["curves"]]
    assert order == sorted(order)


def test_curves_agree_with_the_numbers():
    """Trapezoids under roc are the AUC, steps of pr the average precision, where every threshold is drawn."""
    for more in [(), ("--weight", "w")]:
        document = measured(*more)
        roc, pr = curve(document, "correctness.roc"), curve(document, "correctness.pr")
        assert len(roc["x"]) < 200
        area = sum((roc["x"][i] - roc["x"][i - 1]) * (roc["y"][i] + roc["y"][i - 1]) / 2 for i in range(1, len(roc["x"])))
        steps = sum((pr["x"][i] - pr["x"][i - 1]) * pr["y"][i] for i in range(1, len(pr["x"])))
        assert abs(area - estimate(document, "correctness.auc")["value"]) < 1e-12
        assert abs(steps - estimate(document, "correctness.average_precision")["value"]) < 1e-12


def test_thinned_curves_keep_both_ends():
    document = evidence("measure", PEERS / "binary_smooth.parquet", "--label", "y", "--score", "p", "--only", ",".join(DRAWN))
    roc, pr = curve(document, "correctness.roc"), curve(document, "correctness.pr")
    assert 150 < len(roc["x"]) == len(pr["x"]) <= 200
    assert (roc["x"][0], roc["y"][0], roc["x"][-1], roc["y"][-1]) == (0, 0, 1, 1)
    assert (pr["x"][0], pr["x"][-1]) == (0, 1)
    assert document["estimates"] == []


def test_level_widens_the_band():
    narrow, wide = measured("--level", "0.8"), measured("--level", "0.99")
    for measure in DRAWN:
        a, b = curve(narrow, measure), curve(wide, measure)
        assert a["y"] == b["y"] and a["level"] == 0.8
        assert all(low_b <= low_a for low_a, low_b in zip(a["low"], b["low"]))
        assert sum(b["high"]) > sum(a["high"])


def test_curves_are_picked_like_measures(tmp_path):
    assert measured("--only", "correctness.auc")["curves"] == []
    assert {c["measure"] for c in measured("--only", "roc")["curves"]} == {"correctness.roc"}
    rows = tmp_path / "t.csv"
    rows.write_text("y,s\n0,-2\n1,3\n0,1\n1,2\n")
    document = evidence("measure", rows, "--label", "y", "--score", "s")
    assert {c["measure"] for c in document["curves"]} == {"correctness.pr", "correctness.roc"}
    assert "correctness.reliability" in {s["measure"] for s in document["skipped"]}
    code, _, err = nonet("compare", *ROWS, "--baseline-score", "base", "--margin", "correctness.roc=0.01")
    assert code == 64 and "cannot be a gate" in err


def test_one_class_says_why(tmp_path):
    rows = tmp_path / "t.csv"
    rows.write_text("y,p,g\n0,0.2,a\n1,0.3,a\n0,0.1,b\n0,0.4,b\n")
    document = evidence("measure", rows, "--label", "y", "--score", "p", "--group", "g")
    empty = curve(document, "correctness.roc", scope={"kind": "group", "by": {"g": "b"}})
    assert empty["x"] == [] and empty["low"] == [] and empty["notes"] == ["no positives"]


def test_multiclass_has_reliability():
    document = evidence("measure", PEERS / "multiclass.parquet", "--label", "y", "--score", "a,b,c,d", "--quiet", "--replicates", "50")
    assert [c["measure"] for c in document["curves"]] == ["correctness.reliability"]

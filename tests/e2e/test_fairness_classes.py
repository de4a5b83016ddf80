"""Gaps of one class against the rest, in multiclass, against fairlearn (tests/golden/fairness/make_class_gaps.py)."""

import json

import pytest
from conftest import ROOT, close, evidence, nonet

FOLDER = ROOT / "tests" / "golden" / "fairness"
EXPECTED = json.loads((FOLDER / "class_gaps.json").read_text())
ARGS = (FOLDER / "class_gaps.csv", "--label", "label", "--prediction", "prediction", "--group", "g", "--quiet")
CLASSES = ("low", "mid", "high")


def values(document):
    over = {"kind": "column", "column": "g"}
    return {e["measure"]: e for e in document["estimates"] if e["scope"] == over and e["role"] == "candidate"}


@pytest.mark.parametrize("name", CLASSES)
def test_agrees(name):
    ids = {f"fairness.{measure}@class={name}": value for measure, value in EXPECTED[name].items()}
    assert len(ids) == 5
    found = values(evidence("measure", *ARGS, "--only", ",".join(ids)))
    for measure, value in ids.items():
        got = found[measure]
        assert close(got["value"], value), measure
        assert got["low"] <= got["value"] <= got["high"] and got["notes"][0].startswith("from ")


def test_is_the_binary_measure(tmp_path):
    """The class recoded as 1 and the others as 0: the same numbers and bounds as the binary measure has."""
    lines = [line.split(",") for line in (FOLDER / "class_gaps.csv").read_text().split()]
    source = tmp_path / "t.csv"
    source.write_text("\n".join(["g,y,z"] + [f"{g},{int(y == 'mid')},{int(z == 'mid')}" for g, y, z in lines[1:]]) + "\n")
    args = ("--label", "y", "--prediction", "z", "--group", "g", "--only", "fairness.equalized_odds_difference", "--quiet")
    binary = values(evidence("measure", source, *args))["fairness.equalized_odds_difference"]
    asked = "fairness.equalized_odds_difference@class=mid"
    got = values(evidence("measure", *ARGS, "--only", asked))[asked]
    assert [got[k] for k in ("value", "low", "high", "notes")] == [binary[k] for k in ("value", "low", "high", "notes")]


def test_compared_and_required(tmp_path):
    """Beside a baseline that always says low; and as a requirement with a reference group."""
    lines = (FOLDER / "class_gaps.csv").read_text().split()
    source = tmp_path / "t.csv"
    source.write_text("\n".join([lines[0] + ",base"] + [line + ",low" for line in lines[1:]]) + "\n")
    asked = "fairness.equal_opportunity_difference@class=mid"
    config = tmp_path / "nonet.yaml"
    config.write_text(
        "nonet: 1\nstore: none\n"
        "models: {candidate: {columns: {prediction: prediction}}, baseline: {columns: {prediction: base}}}\n"
        "data: {test: t.csv, label: label, groups: [g], reference: [g=a]}\n"
        f"require: ['{asked}{{g}} <= 0.9']\n"
    )
    document = evidence("check", config, "--only", asked, "--quiet", codes=(0, 1, 2))
    requirement = next(j for j in document["judgements"] if j["kind"] == "requirement")
    assert (requirement["measure"], requirement["state"]) == (asked, "MET")
    difference = [e for e in document["estimates"] if (e["measure"], e["role"]) == (asked, "difference")]
    assert difference and difference[0]["value"] == values(document)[asked]["value"], "the baseline's gap is 0"


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("fairness.fpr_gap@class=hihg", 65, "did you mean 'high'"),
        ("fairness.fpr_gap@class=", 64, "no variant"),
        ("fairness.fpr_gap@clas=low", 64, "no variant"),
    ],
)
def test_mistakes(asked, code, words):
    found, _, err = nonet("measure", *ARGS, "--only", asked)
    assert (found, words in err) == (code, True), err


def test_binary_has_no_classes():
    source = FOLDER / "cross_auc.csv"
    args = ("--label", "y", "--score", "p", "--group", "g", "--only", "fairness.fpr_gap@class=1")
    code, _, err = nonet("measure", source, *args)
    assert code == 64 and "the task is binary" in err

"""examples/income: judged as its README says, in all formats; its rates counted here again from the models' predictions by
scikit-learn (predictions.parquet); every command it advises is one that this build has."""

import re
import shlex
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import ROOT, estimate, evidence, nonet, strict_json

INCOME = Path("examples") / "income"  # commands run in the root, so advice names paths as a reader would
FAST = "fairness,correctness.auc,correctness.recall,correctness.fpr,correctness.precision,correctness.prevalence"


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("income")
    paths = {kind: folder / f"income.{kind}" for kind in ("json", "html", "markdown", "card")}
    outputs = [word for kind, path in paths.items() for word in (f"--{kind}", path)]
    code, out, err = nonet("check", INCOME / "nonet.yaml", "--store", "none", *outputs)
    assert (code, err) == (1, "")
    return strict_json(paths["json"].read_text()), {**{k: p.read_text() for k, p in paths.items()}, "terminal": out}


@pytest.fixture(scope="module")
def rows():
    return pq.read_table(ROOT / INCOME / "predictions.parquet").to_pylist()


def rate(rows, keep, of):
    kept = [row for row in rows if keep(row)]
    return sum(of(row) for row in kept) / len(kept)


def test_verdict_is_the_readmes(judged):
    document, _ = judged
    states = {(g["measure"], g["scope"].get("column")): (g["state"], g["gain"]) for g in document["judgements"]}
    assert document["verdict"]["state"] == "FAIL"
    assert states["fairness.demographic_parity_ratio", "sex"] == ("VIOLATED", None)
    assert states["fairness.demographic_parity_ratio", "race"] == ("VIOLATED", None)
    assert states["fairness.equal_opportunity_difference", "sex"] == ("MET", None)
    assert states["fairness.no_group_worse", None] == ("SAFE", None)
    assert states["correctness.auc", None] == ("SAFE", "GAINED")


@pytest.mark.parametrize("model, role", [("candidate", "candidate"), ("baseline", "baseline")])
def test_rates_of_groups_counted_again(judged, rows, model, role):
    """A score in single precision may fall on the other side of the threshold: none does here."""
    document, _ = judged
    chosen = {}
    for sex in ("Female", "Male"):
        scope = {"kind": "group", "by": {"sex": sex}}
        chosen[sex] = rate(rows, lambda r: r["sex"] == sex, lambda r: r[model] >= 0.5)
        found = rate(rows, lambda r: r["sex"] == sex and r["income_gt_50k"] == 1, lambda r: r[model] >= 0.5)
        assert abs(estimate(document, "fairness.selection_rate", role, scope)["value"] - chosen[sex]) < 1e-12
        assert abs(estimate(document, "correctness.recall", role, scope)["value"] - found) < 1e-12
    ratio = estimate(document, "fairness.demographic_parity_ratio", role, {"kind": "column", "column": "sex"})
    assert abs(ratio["value"] - chosen["Female"] / chosen["Male"]) < 1e-12


def test_reports_show_the_gap_and_what_decides(judged):
    document, texts = judged
    notes = estimate(document, "fairness.demographic_parity_ratio", scope={"kind": "column", "column": "sex"})["notes"]
    assert notes[0].startswith("from Female 0.08")
    page = texts["html"].partition("<script>")[0]
    section = page[page.index("<section id=fairness"):page.index("<section id=provenance")]
    assert section.count("data-chart=rates") == 2 and section.count("Over <bdi>") == 2
    assert "What decides" in section and section.index("VIOLATED") < section.index("SAFE")
    assert notes[0] in section
    for text in (texts["terminal"], texts["markdown"], texts["card"]):
        assert "VIOLATED" in text and "demographic" in text


def test_same_bytes(judged):
    document, _ = judged
    codes = (1,)
    first = evidence("check", INCOME / "nonet.yaml", "--store", "none", "--only", FAST, "--threads", "1", codes=codes)
    second = evidence("check", INCOME / "nonet.yaml", "--store", "none", "--only", FAST, "--threads", "3", codes=codes)
    assert first["digest"] == second["digest"]
    assert first["verdict"]["state"] == document["verdict"]["state"]


def test_advice_is_about_the_gap_and_runs(judged, tmp_path):
    document, _ = judged
    first = document["actions"][0]
    assert "sex" in first["title"] and "legally delicate" in first["title"]
    assert first["command"].startswith("nonet rebalance examples/income/train.parquet ")
    for action in document["actions"]:
        words = shlex.split(action["command"] or "nonet catalogue")[1:]
        if nonet(words[0], "--help")[0] != 0:
            pytest.skip(f"this build has no nonet {words[0]}")
        words = [str(tmp_path / word) if word == "balanced.parquet" else word for word in words]
        code, _, err = nonet(*words, *(["--store", "none"] if words[0] == "check" else []))
        assert code in (0, 1, 2), f"{action['command']}: {err}"


def test_measure_says_what_stands_out():
    code, out, err = nonet("measure", INCOME / "predictions.parquet", "--label", "income_gt_50k", "--score", "candidate", "--group", "sex,race")
    assert (code, err) == (0, "")
    first_screen = " ".join("\n".join(out.splitlines()[:24]).split())
    assert "What stands out" in first_screen
    assert re.search(r"proven Over sex: .* at (least|most) 0\.\d+", first_screen) and "proven Over race" in first_screen
    assert "Say which gap over sex is acceptable" in out

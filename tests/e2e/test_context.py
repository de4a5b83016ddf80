"""`nonet context` and `nonet init` from outside: exit codes, what is printed, what is written and what never is."""

import json
import re

import pytest
from conftest import ROOT, nonet, strict_json

PRESETS = ["general", "real-time", "safety-critical", "regulated-decision", "personal-data", "edge", "adversarial", "batch"]
NINE = {"correctness", "robustness", "efficiency", "scalability", "deployability", "fairness", "interpretability", "privacy", "security"}


def good(*args, **more):
    code, out, err = nonet(*args, **more)
    assert (code, err) == (0, ""), err
    return out


def refused(code, *args, says=(), **more):
    got, out, err = nonet(*args, **more)
    assert (got, out) == (code, ""), err
    assert len(err.splitlines()) <= 12
    for word in [says] if isinstance(says, str) else says:
        assert word in err, err


def test_list():
    lines = good("context", "list").splitlines()
    assert [line.split()[0] for line in lines] == PRESETS
    assert all(len(line.split()) > 4 for line in lines)
    assert [c["name"] for c in strict_json(good("context", "list", "--json", "-"))] == PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_show_can_be_kept_and_says_the_same(name, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(good("context", "show", name))
    assert good("context", "check", path) == f"{path}: ok\n"
    assert good("context", "diff", name, path) == ""
    document = strict_json(good("context", "show", name, "--json", "-"))
    placed = [a for tier in document["tiers"] for a in tier] + document["guard"]
    assert sorted(placed) == sorted(NINE)
    assert document["coverage"] == "partial"
    assert all(gate["why"] for gate in document["gates"])
    own = strict_json(good("context", "show", path, "--json", "-"))
    assert {**own, "name": name} == document


def test_show_into_a_file(tmp_path):
    path = tmp_path / "c.json"
    good("context", "show", "edge", "--json", path)
    assert json.loads(path.read_text())["name"] == "edge"
    refused(73, "context", "show", "edge", "--json", tmp_path / "no" / "c.json")


def test_diff():
    code, out, err = nonet("context", "diff", "real-time", "safety-critical")
    assert (code, err) == (1, "")
    assert "efficiency: tier 1 -> tier 6\n" in out
    assert "gate correctness.auc [binary]\n  margin: 0.01 -> 0.005\n" in out
    assert nonet("context", "diff", "real-time", "safety-critical", "--quiet")[:2] == (1, "")


def test_mistakes(tmp_path):
    refused(64, "context", says="list, show, diff or check")
    refused(64, "context", "shw", "edge", says="shw")
    refused(64, "context", "show", says="one name")
    refused(64, "context", "diff", "edge", says="two names")
    refused(64, "context", "diff", "a", "b", "c", says="at most 3")
    refused(64, "context", "show", "real-tme", says="'real-time'")
    refused(66, "context", "check", tmp_path / "none.yaml", says="none.yaml")
    refused(64, "context", "diff", "edge", "batch", "--json", "-", says="JSON")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("extends: edge\ngats: []\n")
    refused(78, "context", "check", wrong, says=[f"{wrong}:2:1", "did you mean 'gates'"])


def test_compare_takes_a_file(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("extends: general\ngates: [{measure: correctness.auc, margin: 0.03}]\n")
    crash = ["compare", "examples/crash/predictions.parquet", "--label", "dead", "--score", "candidate", "--baseline-score", "baseline"]
    code, out, err = nonet(*crash, "--context", own, "--json", "-")
    assert code in (0, 1, 2), err
    document = strict_json(out)
    assert document["verdict"]["context"] == "own"
    assert document["judgements"][0]["margin"] == 0.03


# ---- init ------------------------------------------------------------------------------------------------------------------


def test_init(tmp_path):
    (tmp_path / "models").mkdir()
    for name in ("candidate", "baseline"):
        (tmp_path / "models" / f"{name}.onnx").write_bytes((ROOT / "examples/crash/models" / f"{name}.onnx").read_bytes())
    (tmp_path / "test.parquet").write_bytes((ROOT / "examples/crash/test.parquet").read_bytes())
    out = good("init", "--context", "real-time", cwd=tmp_path)
    assert "Wrote nonet.yaml" in out
    text = (tmp_path / "nonet.yaml").read_text()
    assert "context: real-time" in text
    assert "candidate: {onnx: models/candidate.onnx}" in text
    assert "baseline: {onnx: models/baseline.onnx}" in text
    assert "test: test.parquet" in text
    assert "# cluster: case_id" in text
    refused(73, "init", cwd=tmp_path, says="never written over")
    assert (tmp_path / "nonet.yaml").read_text() == text


def test_init_leaves_an_open_choice_to_the_person(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b,c\n1,2,3\n")
    assert "to be chosen" in good("init", "first.yaml", cwd=tmp_path)
    assert "one of: a, b, c" in (tmp_path / "first.yaml").read_text()
    refused(78, "check", "first.yaml", "--store", "none", cwd=tmp_path, says=["first.yaml:", "expected label"])


@pytest.mark.parametrize(("library", "word"), [("sklearn", "joblib"), ("pytorch", "torch")])
def test_init_writes_the_loop(library, word, tmp_path):
    (tmp_path / "rows.csv").write_text("a,b,label\n1,2,0\n")
    good("init", "--from", library, cwd=tmp_path)
    loop = (tmp_path / "score.py").read_text()
    assert word in loop
    compile(loop, "score.py", "exec")
    text = (tmp_path / "nonet.yaml").read_text()
    assert "command: [python3, score.py, " in text
    assert "features: [a, b]" in text


def test_init_writes_both_or_neither(tmp_path):
    (tmp_path / "score.py").write_text("mine\n")
    refused(73, "init", "--from", "sklearn", cwd=tmp_path, says="score.py")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["score.py"]
    refused(64, "init", "--from", "keras", cwd=tmp_path, says="keras")
    refused(64, "init", "--context", "edg", cwd=tmp_path, says="'edge'")
    refused(73, "init", "no/such/nonet.yaml", cwd=tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["score.py"]


# ---- docs/config.md --------------------------------------------------------------------------------------------------------

NEEDED = {"nonet": "nonet: 1\n", "models": "models: {candidate: {onnx: none.onnx}}\n", "data": "data: {test: none.csv, label: y}\n"}
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs/config.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_of_the_page_is_read(block, tmp_path):
    """Each passes the reading of the configuration and stops at the files, which are not there, or at what comes later."""
    missing = [text for key, text in NEEDED.items() if not re.search(rf"^{key}:", block, re.MULTILINE)]
    path = tmp_path / "nonet.yaml"
    path.write_text("".join(missing) + block)
    code, out, err = nonet("check", path, "--store", "none")
    is_later = code == 78 and ("this version" in err or "not built yet" in err)
    assert is_later or code in (65, 66, 69), f"{code}: {err}"


def test_the_page_has_every_key():
    keys = {"nonet", "task", "context", "models", "data", "columns", "require", "margins", "threshold", "measures", "coverage", "budget", "retrain", "store"}
    seen = {key for block in BLOCKS for key in re.findall(r"^(\w+):", block, re.MULTILINE)}
    assert keys == seen

"""Will it run there: models that cannot be loaded, that hang or crash, that answer broken rows; parity, rollback, counterfactual flips."""

import math
import random
import shutil
import subprocess

import pytest
from conftest import ROOT, evidence, nonet

MODELS = ROOT / "tests" / "golden" / "models"


@pytest.fixture
def place(tmp_path):
    """A table of x in [-3, 3], its label, what the framework predicts for sigmoid(x), and a group that the models do not read."""
    draw = random.Random(3)
    with open(tmp_path / "test.csv", "w") as out:
        out.write("x,y,says,side\n")
        for i in range(200):
            x = round(draw.uniform(-3, 3), 3)
            y = int(x + draw.gauss(0, 1) > 0)
            says = 1 / (1 + math.exp(-x)) if i else 0.5 - math.copysign(0.4, x)  # the first row: another model's
            out.write(f"{x},{y},{says},{'left' if i % 2 else 'right'}\n")
    return tmp_path


def configure(place, candidate, data="", more="", baseline=""):
    path = place / "nonet.yaml"
    path.write_text(f"nonet: 1\nmodels:\n  candidate: {candidate}\n{baseline}data: {{test: test.csv, label: y{data}}}\n{more}")
    return path


def broken(name):
    return MODELS / f"broken_{name}.onnx"


@pytest.mark.parametrize(
    ("name", "words", "remedy"),
    [
        ("newer", "Opset 99 is under development", "needs a newer runtime"),
        ("newer_format", "Unsupported model IR version: 99", "needs a newer runtime"),
        ("custom_op", "com.example:Triage", "standard operators"),
        ("external", "broken_weights.data", "copy that file beside the model"),
    ],
)
def test_runtime_refuses(place, name, words, remedy):
    code, out, said = nonet("check", configure(place, f"{{onnx: {broken(name)}}}"), "--store", "none")
    assert code == 65 and out == ""
    assert words in said and remedy in said and "nonet.yaml:3" in said and len(said) < 1200


@pytest.mark.parametrize(("name", "says"), [("hang_loading", "cannot be loaded without harm"), ("hang", "cannot be asked without harm")])
def test_hang_is_ended_and_told(place, name, says):
    code, out, said = nonet("check", configure(place, f"{{onnx: {broken(name)}, timeout: 2s}}"), "--store", "none")
    assert code == 65 and out == ""
    assert says in said and "did not answer within 2 s" in said and "nonet.yaml:3" in said


def test_runtime_that_crashes(place):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler")
    (place / "crash.c").write_text("#include <stdlib.h>\n__attribute__((constructor)) static void end(void) { abort(); }\n")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", place / "crash.so", place / "crash.c"], check=True)
    path = configure(place, f"{{onnx: {broken('fixed_batch')}}}")
    code, _, said = nonet("check", path, "--store", "none", env={"NONET_ONNXRUNTIME": str(place / "crash.so")})
    assert code == 65 and "crashed (it aborted, signal 6)" in said


def test_program_that_dies_later_is_a_finding(place):
    """It answers the test rows, and dies of a null: the run goes on."""
    pytest.importorskip("pyarrow")
    (place / "score.py").write_text(
        "import os, sys\nimport pyarrow as pa, pyarrow.compute as pc\n"
        "out, writer = sys.stdout.buffer, None\n"
        "for rows in pa.ipc.open_stream(sys.stdin.buffer):\n"
        "    if rows['x'].null_count: os.abort()\n"
        "    answer = pa.record_batch([pc.divide(1.0, pc.add(1.0, pc.exp(pc.negate(rows['x']))))], names=['score'])\n"
        "    writer = writer or pa.ipc.new_stream(out, answer.schema)\n"
        "    writer.write_batch(answer)\n    out.flush()\n"
    )
    path = configure(place, "{command: [python3, score.py]}", data=", features: [x]")
    run = evidence("check", path, "--store", "none", "--only", "deployability.schema_contract,correctness.auc")
    texts = [f["evidence"] for f in run["findings"] if f["id"] == "deployability.schema_contract"]
    assert any("null" in text and "does not name it" in text for text in texts), texts


def only(run, measure, role="candidate", kind="all"):
    rows = [e for e in run["estimates"] if e["measure"] == measure and e["role"] == role and e["scope"]["kind"] == kind]
    assert len(rows) == 1, rows
    return rows[0]


def test_fixed_batch_loads_and_agrees(place):
    path = configure(place, f"{{onnx: {broken('fixed_batch')}, reference: {{score: says}}}}")
    run = evidence("check", path, "--store", "none", "--only", "deployability")
    loads = only(run, "deployability.loads")
    assert loads["value"] == 1 and loads["n"] == 5  # opens; 1, 8, 9 and all rows
    labels = only(run, "deployability.label_parity")
    assert labels["value"] == 199 / 200 and labels["n"] == 200 and labels["method"] == "wilson"
    parity = only(run, "deployability.parity")
    x = float((place / "test.csv").read_text().splitlines()[1].split(",")[0])
    assert abs(parity["value"] - abs(1 / (1 + math.exp(-x)) - (0.5 - math.copysign(0.4, x)))) < 1e-6
    assert any(f["id"] == "deployability.label_parity" and f["severity"] == "error" for f in run["findings"])


def test_contract_in_words(place):
    run = evidence("check", configure(place, f"{{onnx: {broken('fixed_batch')}}}"), "--store", "none", "--only", "deployability.schema_contract")
    contract = only(run, "deployability.schema_contract")
    assert contract["n"] == 5 and contract["value"] == 0.8  # missing, extra, wrong type, huge; not the null
    (finding,) = [f for f in run["findings"] if f["id"] == "deployability.schema_contract"]
    assert finding["evidence"] == "a null in `x` is answered with a score that is no number"


def test_reference_that_is_not_there(place):
    path = configure(place, f"{{onnx: {broken('fixed_batch')}, reference: {{score: say}}}}")
    code, _, said = nonet("check", path, "--store", "none")
    assert code == 78 and "no column 'say'" in said and "did you mean 'says'" in said


def test_counterfactual_and_rollback(place):
    """sigmoid(x) decides by the sign of x: any row flips when x may take the values of others; none does by its side."""
    baseline = f"  baseline: {{onnx: {broken('fixed_batch')}}}\n"
    columns = "columns: {x: {protected: true}}\n"
    path = configure(place, f"{{onnx: {broken('fixed_batch')}}}", data=", groups: [side]", more=columns, baseline=baseline)
    asked = "fairness.counterfactual_flip,deployability.rollback_flips,correctness.flip_rate"
    run = evidence("check", path, "--store", "none", "--only", asked)
    flip = only(run, "fairness.counterfactual_flip")
    assert flip["value"] == 1 and flip["n"] == 200 and flip["low"] < 1 and "5 values tried" in flip["notes"][0]
    assert only(run, "fairness.counterfactual_flip", "difference")["value"] == 0
    assert only(run, "fairness.counterfactual_flip", kind="column")["value"] is None  # side: not protected
    back, there = only(run, "deployability.rollback_flips"), only(run, "correctness.flip_rate")
    assert back["value"] == there["value"] == 0 and back["high"] == there["high"]


def test_requirement_of_a_protected_group(place):
    more = "require: ['fairness.counterfactual_flip{x} <= 0.5', fairness.counterfactual_flip <= 0.5]\n"
    path = configure(place, f"{{onnx: {broken('fixed_batch')}}}", data=", groups: [x]", more=more)
    lines = (place / "test.csv").read_text().splitlines()
    signs = [lines[0]] + [",".join(["1" if float(line.split(",")[0]) > 0 else "-1", *line.split(",")[1:]]) for line in lines[1:]]
    (place / "test.csv").write_text("\n".join(signs) + "\n")
    run = evidence("check", path, "--store", "none", "--only", "fairness.counterfactual_flip", codes=(1,))
    assert only(run, "fairness.counterfactual_flip", kind="column")["value"] == 1
    assert [j["state"] for j in run["judgements"] if j["kind"] == "requirement"] == ["VIOLATED", "VIOLATED"]


def test_no_protected_column(place):
    run = evidence("check", configure(place, f"{{onnx: {broken('fixed_batch')}}}", data=", groups: [side]"), "--store", "none", "--only", "fairness.counterfactual_flip")
    assert not [e for e in run["estimates"] if e["measure"] == "fairness.counterfactual_flip"]
    assert any("no column is protected" in s["reason"] for s in run["skipped"])


def test_lightgbm(place):
    text = (MODELS / "light_regression.txt").read_text()
    (place / "model.txt").write_text(text)
    rows = ["x0,x1,x2,x3,y"] + [f"{i / 7},{i / 5},{-i / 3},{i},{i}.5" for i in range(60)]
    (place / "test.csv").write_text("\n".join(rows) + "\n")
    path = configure(place, "{lightgbm: model.txt}", more="task: regression\n")
    run = evidence("check", path, "--store", "none", "--budget", "1s", "--only", "correctness.rmse,deployability")
    assert run["inputs"]["models"][0]["runtime"].startswith("lightgbm")
    assert only(run, "deployability.loads")["value"] == 1 and only(run, "deployability.determinism")["value"] == 1
    assert only(run, "deployability.schema_contract")["value"] == 1  # it documents what a missing value is
    code, _, said = nonet("check", path, "--store", "none", env={"NONET_LIGHTGBM": "/nowhere/lib.so"})
    assert code == 69 and "/nowhere/lib.so" in said


def test_lightgbm_that_aborts(place):
    """LightGBM ends its process over some broken files: that process is not the run's."""
    text = (MODELS / "light_binary.txt").read_text()
    assert "num_leaves=4" in text
    (place / "model.txt").write_text(text.replace("num_leaves=4", "num_leaves=four", 1))
    code, out, said = nonet("check", configure(place, "{lightgbm: model.txt}"), "--store", "none")
    assert code == 65 and out == "" and "nonet.yaml:3" in said
    assert "cannot be loaded without harm" in said or "not a model that LightGBM can load" in said

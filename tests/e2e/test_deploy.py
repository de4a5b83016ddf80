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


def only(run, measure, role="candidate", kind="all"):
    rows = [e for e in run["estimates"] if e["measure"] == measure and e["role"] == role and e["scope"]["kind"] == kind]
    assert len(rows) == 1, rows
    return rows[0]


def check_broken(path, *more, codes=(1, 2), **run):
    """The run went on: no predictions, the file measured, a finding that says what to do; and every report can be made."""
    reports = [item for name in ("html", "junit", "sarif", "markdown", "card") for item in (f"--{name}", path.parent / f"out.{name}")]
    document = evidence("check", path, "--store", "none", *reports, *more, codes=codes, **run)
    for name in reports[1::2]:
        assert name.stat().st_size > 100
    code, screen, _ = nonet("check", path, "--store", "none", *more, **run)
    assert code in codes and "does not run here" in screen
    return document


def finding(document, severity="critical"):
    (found,) = [f for f in document["findings"] if f["id"] == "deployability.loads" and f["severity"] == severity]
    assert found["remedy"] and found["hurts"] == ["deployability"]
    return found["evidence"]


def judged(document):
    return {j["measure"]: (j["state"], j["reason"]) for j in document["judgements"]}


@pytest.mark.parametrize(
    ("name", "words", "remedy"),
    [
        ("newer", "Opset 99 is under development", "needs ONNX Runtime 1."),
        ("newer_format", "Unsupported model IR version: 99", "needs ONNX Runtime 1."),
        ("custom_op", "com.example:Triage", "operator Triage of the domain com.example, which no official runtime brings"),
        ("external", "broken_weights.data", "put it beside the model"),
    ],
)
def test_runtime_refuses(place, name, words, remedy):
    """No gate on loads: INCONCLUSIVE, never PASS, and what stands in the file is measured."""
    baseline = f"  baseline: {{onnx: {broken('fixed_batch')}}}\n"
    run = check_broken(configure(place, f"{{onnx: {broken(name)}}}", baseline=baseline), codes=(2,))
    said = finding(run)
    assert said.startswith("it does not open: ") and words in said and remedy in said
    assert run["verdict"]["state"] == "INCONCLUSIVE" and "The candidate does not run here" in run["verdict"]["because"][0]
    assert judged(run)["correctness.auc"] == ("NOT_MEASURED", "failed")
    assert only(run, "deployability.loads")["value"] == 0
    assert only(run, "efficiency.artifact_bytes")["value"] == broken(name).stat().st_size
    assert only(run, "deployability.custom_ops")["value"] == (name == "custom_op")
    assert only(run, "deployability.external_data")["value"] == (name == "external")
    told = {f["id"]: f["severity"] for f in run["findings"]}
    assert told.get("deployability.custom_ops") == ("warning" if name == "custom_op" else None)
    assert told.get("deployability.external_data") == ("error" if name == "external" else None)
    assert told.get("deployability.opset_range") == ("warning" if name.startswith("newer") else None)
    assert told["deployability.provenance"] == "info"
    assert not [e for e in run["estimates"] if e["attribute"] in ("correctness", "fairness")]
    assert all(s["reason"].startswith("failed: ") for s in run["skipped"] if s["measure"] == "correctness.auc")


@pytest.mark.parametrize(("name", "says"), [("hang_loading", "it does not open"), ("hang", "it opens, and does not answer 1 row")])
def test_hang_is_ended_and_told(place, name, says):
    run = check_broken(configure(place, f"{{onnx: {broken(name)}, timeout: 2s}}"), codes=(2,))
    assert finding(run).startswith(says) and "did not answer within 2 s" in finding(run)
    assert only(run, "deployability.loads")["value"] == 0


def test_gate_of_loads_is_harmed(place):
    """Beside a baseline that runs, in a context that gates loads: FAIL."""
    baseline = f"  baseline: {{onnx: {broken('fixed_batch')}}}\n"
    run = check_broken(configure(place, f"{{onnx: {broken('newer')}}}", more="context: real-time\n", baseline=baseline), codes=(1,))
    assert judged(run)["deployability.loads"][0] == "HARMED" and run["verdict"]["state"] == "FAIL"
    assert judged(run)["efficiency.latency_p99"] == judged(run)["correctness.auc"] == ("NOT_MEASURED", "failed")


def test_required_to_load(place):
    run = check_broken(configure(place, f"{{onnx: {broken('newer')}}}", more="require: [deployability.loads >= 1]\n"), codes=(1,))
    assert judged(run)["deployability.loads"][0] == "VIOLATED"


def test_baseline_that_does_not_open(place):
    """The candidate is measured alone, and nothing that needs both is judged, nor passes."""
    baseline = f"  baseline: {{onnx: {broken('newer')}}}\n"
    path = configure(place, f"{{onnx: {broken('fixed_batch')}}}", more="context: safety-critical\nmargins: {efficiency.latency_p99: 25%}\n", baseline=baseline)
    run = check_broken(path, "--only", "correctness,deployability.loads,efficiency.latency_p99", "--budget", "1s", codes=(2,))
    assert finding(run, "error").startswith("it does not open: ")
    assert only(run, "correctness.auc")["value"] > 0.9 and not [e for e in run["estimates"] if e["measure"] == "correctness.auc" and e["role"] != "candidate"]
    assert judged(run)["correctness.auc"] == judged(run)["efficiency.latency_p99"] == ("NOT_MEASURED", "failed")
    assert judged(run)["deployability.loads"][0] == "SAFE" and run["verdict"]["state"] == "INCONCLUSIVE"


def test_both_are_broken(place):
    """Equal, and equally of no use: the exact gate is SAFE, the verdict no PASS."""
    baseline = f"  baseline: {{onnx: {broken('newer')}}}\n"
    run = check_broken(configure(place, f"{{onnx: {broken('newer_format')}}}", more="context: real-time\n", baseline=baseline), "--only", "deployability.loads", codes=(2,))
    assert run["verdict"]["state"] == "INCONCLUSIVE" and len([f for f in run["findings"] if f["id"] == "deployability.loads"]) == 2


@pytest.mark.parametrize("command", ["selftest", "check"])
def test_gates_alone_need_both_models(place, command):
    more = ["--explain-plan"] if command == "check" else []
    code, out, said = nonet(command, configure(place, f"{{onnx: {broken('newer')}}}"), *more)
    assert code == 65 and out == "" and "nonet.yaml:3: candidate does not run here" in said


PROGRAM = """import os, sys, time
import pyarrow as pa
out, writer, seen = sys.stdout.buffer, None, 0
for rows in pa.ipc.open_stream(sys.stdin.buffer):
    seen += rows.num_rows
    WHAT
    answer = pa.record_batch([rows['x'].cast(pa.float64())], names=['score'])
    writer = writer or pa.ipc.new_stream(out, answer.schema)
    writer.write_batch(answer)
    out.flush()
"""


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("if seen > 4: sys.exit('no more of this')", "no more of this"),
        ("if seen > 4: os.abort()", "signal 6"),
        ("if seen > 4: time.sleep(60)", "within 1"),
        ("rows = rows.slice(1)", "rows"),
    ],
)
@pytest.mark.parametrize("role", ["candidate", "baseline"])
def test_program_that_breaks_off(place, what, says, role):
    """In the middle of the test rows: four are answered, then no more."""
    pytest.importorskip("pyarrow")
    (place / "score.py").write_text(PROGRAM.replace("WHAT", what))
    timeout = "1s" if "sleep" in what else "30s"  # a busy machine takes its time to start it
    program = f"{{command: [python3, score.py], timeout: {timeout}, batch_rows: 4}}"
    sound = f"{{onnx: {broken('fixed_batch')}}}"
    candidate, baseline = (program, sound) if role == "candidate" else (sound, program)
    path = configure(place, candidate, data=", features: [x]", baseline=f"  baseline: {baseline}\n")
    run = check_broken(path, "--only", "correctness.auc,deployability.loads", codes=(2,))
    said = finding(run, "critical" if role == "candidate" else "error")
    assert "does not answer" in said and says in said
    assert only(run, "deployability.loads", role)["value"] == 0
    assert judged(run)["correctness.auc"] == ("NOT_MEASURED", "failed")


def test_identity_has_the_external_data(place):
    """Other weights beside the same file are another model; sha256 of a single file stays its own."""
    import hashlib

    shutil.copy(broken("external"), place / "m.onnx")
    seen = set()
    for weights in (b"\0" * 4096, b"\1" * 4096, b"\1" * 4096):
        (place / "broken_weights.data").write_bytes(weights)
        run = evidence("check", configure(place, "{onnx: m.onnx}"), "--store", "none", "--only", "deployability.external_data", codes=(0, 2))
        assert only(run, "deployability.external_data")["value"] == 0
        seen.add(run["inputs"]["models"][0]["sha256"])
    assert len(seen) == 2 and hashlib.sha256((place / "m.onnx").read_bytes()).hexdigest() not in seen


def test_runtime_that_crashes(place):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no compiler")
    (place / "crash.c").write_text("#include <stdlib.h>\n__attribute__((constructor)) static void end(void) { abort(); }\n")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", place / "crash.so", place / "crash.c"], check=True)
    path = configure(place, f"{{onnx: {broken('fixed_batch')}}}")
    run = check_broken(path, codes=(2,), env={"NONET_ONNXRUNTIME": str(place / "crash.so")})
    assert "crashed (it aborted, signal 6)" in finding(run)


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


def test_programs_are_started_as_often_as_needed(place):
    """For its predictions, and once more where somebody asks whether it loads."""
    pytest.importorskip("pyarrow")
    log = place / "starts"
    (place / "score.py").write_text(
        "import sys\nimport pyarrow as pa\n"
        f"open({str(log)!r}, 'a').write('started\\n')\n"
        "out, writer = sys.stdout.buffer, None\n"
        "for rows in pa.ipc.open_stream(sys.stdin.buffer):\n"
        "    answer = pa.record_batch([pa.array([0.5] * rows.num_rows)], names=['score'])\n"
        "    writer = writer or pa.ipc.new_stream(out, answer.schema)\n"
        "    writer.write_batch(answer)\n    out.flush()\n"
    )
    path = configure(place, "{command: [python3, score.py]}", data=", features: [x]")
    starts = {}
    for asked in ("correctness.auc", "correctness.auc,deployability.loads"):
        log.write_text("")
        evidence("check", path, "--store", "none", "--only", asked, "--threads", "1")
        starts[asked] = len(log.read_text().splitlines())
    assert list(starts.values()) == [1, 2], starts


def test_fixed_batch_loads_and_agrees(place):
    path = configure(place, f"{{onnx: {broken('fixed_batch')}, reference: {{score: says}}}}")
    run = evidence("check", path, "--store", "none", "--only", "deployability")
    (fixed,) = [f for f in run["findings"] if f["id"] == "deployability.dynamic_batch"]
    assert fixed["severity"] == "warning" and "takes 8 rows a call" in fixed["evidence"] and fixed["hurts"] == ["deployability", "efficiency"]
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
    run = evidence("check", path, "--store", "none", "--budget", "1s", "--only", "efficiency.operator_share,correctness.rmse")
    assert [s["reason"] for s in run["skipped"]] == ["not applicable: the runtime of a model of kind 'lightgbm' keeps no profile of its operators"]
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

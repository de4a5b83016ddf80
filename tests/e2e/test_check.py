"""nonet check as a person or a CI job drives it: real models over real rows, a verdict as exit code, wrong inputs told early.

The crash example is the ground: two ONNX models (one input per column), test rows with features. Their predictions by
scikit-learn stand in predictions.parquet (examples/crash/train.py), so what nonet gets from the models is held to that.
"""

import json
import os
import shutil
import sqlite3
import sys

import pyarrow.parquet
import pytest
from conftest import ROOT, close, estimate, evidence, nonet

CRASH = ROOT / "examples" / "crash"
EXTRA = os.environ.get("NONET_EXTRA_DATA")  # a folder of data that are not shipped
FAST = "correctness,deployability,efficiency.artifact_bytes"  # all that takes no seconds of timing


def config(folder, text, name="nonet.yaml"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def crash(tmp_path):
    """The example in a folder of its own, with a function that writes its configuration with changes."""
    for name in ("test.parquet", "train.parquet"):
        shutil.copy(CRASH / name, tmp_path / name)
    shutil.copytree(CRASH / "models", tmp_path / "models")
    whole = (CRASH / "nonet.yaml").read_text()

    def make(*changes, more=""):
        text = whole
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        return config(tmp_path, text + more)

    make.folder = tmp_path
    return make


def check(path, *more, codes=(0, 1, 2)):
    return evidence("check", path, "--store", "none", *more, codes=codes)


def refused(code, path, *says, more=()):
    got, out, err = nonet("check", path, "--store", "none", *more)
    assert got == code, f"exit {got}, expected {code}: {err}"
    assert out == ""
    for word in says:
        assert word in err, f"{word!r} is missing: {err}"


# ---- the main job -------------------------------------------------------------------------------------------------------


def test_models_answer_as_scikit_learn_did(crash):
    """The AUC from the models is that of scikit-learn's own predictions, kept beside them, to what float32 costs."""
    ours = check(crash(), "--only", FAST)
    kept = evidence("compare", CRASH / "predictions.parquet", "--label", "dead", "--score", "candidate", "--baseline-score",
                    "baseline", "--cluster", "case_id", "--only", "correctness", codes=(0, 1, 2))
    for role in ("candidate", "baseline"):
        for measure in ("correctness.auc", "correctness.recall", "correctness.log_loss"):
            assert close(estimate(ours, measure, role)["value"], estimate(kept, measure, role)["value"], 2e-6), measure
    assert [d["rows"] for d in ours["inputs"]["data"] if d["role"] == "test"] == [8879]
    assert {m["role"]: m["kind"] for m in ours["inputs"]["models"]} == {"candidate": "onnx", "baseline": "onnx"}


@pytest.mark.parametrize("context", ["general", "real-time", "safety-critical", "regulated-decision"])
def test_every_context_judges(crash, context):
    code, out, err = nonet("check", crash(), "--context", context, "--only", FAST, "--store", "none")
    assert code in (0, 1, 2), err
    assert context in out
    assert out.split()[0] in ("PASS", "FAIL", "INCONCLUSIVE")


def test_what_is_not_built_is_never_passed(crash):
    document = check(crash(), "--only", FAST)
    assert document["verdict"]["coverage"]["privacy"] == "not_built"
    assert check(crash(), "--only", "correctness")["verdict"]["coverage"]["efficiency"] == "not_asked"
    assert document["verdict"]["coverage_mode"] == "partial"
    states = {j["measure"]: j["state"] for j in document["judgements"]}
    assert states["robustness.corruption_drop"] == "NOT_MEASURED"


def test_same_bytes_for_threads_and_repeats(crash):
    path = crash()
    digests = {check(path, "--only", FAST, "--threads", n)["digest"] for n in (1, 2)}
    assert len(digests) == 1


def test_no_baseline_is_requirements_alone(crash):
    path = crash(("  baseline: {onnx: models/baseline.onnx, name: logistic-regression}\n", ""),
                 more="require:\n  - correctness.auc >= 0.8\n  - correctness.recall >= 0.5\n")
    document = check(path, "--only", FAST, codes=(1,))
    states = {j["margin_stated"]: j["state"] for j in document["judgements"] if j["kind"] == "requirement"}
    assert states == {"correctness.auc >= 0.8": "MET", "correctness.recall >= 0.5": "VIOLATED"}
    assert document["verdict"]["state"] == "FAIL"


def test_a_model_against_itself_is_equal(crash):
    path = crash(("models/baseline.onnx", "models/candidate.onnx"))
    document = check(path, "--only", FAST, "--context", "general", codes=(0,))
    gate = next(j for j in document["judgements"] if j["measure"] == "correctness.auc")
    assert gate["difference"] == 0 and gate["state"] == "SAFE"


def test_predictions_in_columns_stand_beside_a_model(crash):
    shutil.copy(CRASH / "predictions.parquet", crash.folder / "predictions.parquet")
    path = config(crash.folder, "nonet: 1\nmodels:\n  candidate: {columns: {score: candidate}}\n"
                  "  baseline: {columns: {score: baseline}}\ndata: {test: predictions.parquet, label: dead}\n")
    ours = check(path, "--only", "correctness.auc")
    kept = evidence("compare", CRASH / "predictions.parquet", "--label", "dead", "--score", "candidate", "--baseline-score",
                    "baseline", "--only", "correctness.auc")
    assert ours["estimates"] == kept["estimates"]


def test_sample_is_stated_and_repeats(crash):
    path = crash()
    first = check(path, "--only", "correctness.auc", "--sample", "2000")
    again = check(path, "--only", "correctness.auc", "--sample", "2000", "--threads", "1")
    assert first["digest"] == again["digest"]
    assert first["inputs"]["data"][0]["rows_used"] == 2000
    assert first["inputs"]["data"][0]["left_out"]["not_sampled"] == 6879


def test_generalisation_gap_reads_the_training_rows(crash):
    document = check(crash(), "--only", "correctness.generalisation_gap,correctness.auc")
    gap = estimate(document, "correctness.generalisation_gap")
    assert -0.1 < gap["value"] < 0.02 and gap["low"] < gap["value"] < gap["high"]
    assert [d["rows"] for d in document["inputs"]["data"] if d["role"] == "train"] == [17338]


def test_explain_plan_judges_nothing(crash):
    code, out, err = nonet("check", crash(), "--explain-plan", "--store", "none")
    assert code == 0, err
    for word in ("safety-critical", "8,879", "correctness.auc", "P(PASS | equal models)", "latency"):
        assert word in out
    assert "INCONCLUSIVE" not in out and "FAIL" not in out


def test_latency_is_interleaved_and_gated(crash):
    document = check(crash(), "--context", "real-time", "--budget", "8s")
    gate = next(j for j in document["judgements"] if j["measure"] == "efficiency.latency_p99")
    assert gate["scale"] == "log_ratio" and gate["state"] in ("SAFE", "HARMED", "UNDECIDED")
    assert document["digest"]


# ---- the store and looks --------------------------------------------------------------------------------------------------


def test_runs_are_kept_and_the_same_rows_are_the_same_look(crash):
    path, store = crash(), crash.folder / "nonet.db"
    first = evidence("check", path, "--store", store, "--only", FAST, codes=(0, 1, 2))
    again = evidence("check", path, "--store", store, "--only", FAST, codes=(0, 1, 2))
    assert first["digest"] == again["digest"]
    assert {j["look"] for j in again["judgements"]} == {1}
    code, out, err = nonet("history", "--store", store)
    assert code == 0, err
    assert len(out.splitlines()) >= 3 and first["run"]["id"][:8] in out
    shown = nonet("report", first["run"]["id"][:10], "--store", store)
    assert shown[0] == 0 and shown[1].startswith(first["verdict"]["state"])
    assert sqlite3.connect(store).execute("pragma integrity_check").fetchone() == ("ok",)


def test_grown_data_are_inconclusive_at_best(crash):
    path, store = crash(), crash.folder / "nonet.db"
    import pyarrow as pa
    import pyarrow.parquet as pq

    whole = pq.read_table(CRASH / "test.parquet")
    pq.write_table(whole.slice(0, 4000), crash.folder / "test.parquet")
    evidence("check", path, "--store", store, "--only", FAST, "--context", "general", codes=(0, 1, 2))
    pq.write_table(whole, crash.folder / "test.parquet")
    later = evidence("check", path, "--store", store, "--only", FAST, "--context", "general", codes=(1, 2))
    assert {j["look"] for j in later["judgements"]} == {2}
    assert any("look 2" in line for line in later["verdict"]["because"])
    assert isinstance(whole, pa.Table)


# ---- what is wrong is told before any long work ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("label: dead", "label: ded", 65, ("dead", "nonet.yaml")),
        ("label: dead", "lable: dead", 78, ("label", "nonet.yaml:")),
        ("onnx: models/candidate.onnx", "onnx: models/candidat.onnx", 66, ("candidat.onnx",)),
        ("onnx: models/candidate.onnx", "onnx: test.parquet", 65, ("test.parquet",)),
        ("onnx: models/candidate.onnx", "onyx: models/candidate.onnx", 78, ("onnx",)),
        ("test: test.parquet", "test: nowhere.parquet", 66, ("nowhere.parquet",)),
        ("context: safety-critical", "context: safety-critcal", 78, ("safety-critical",)),
        ("groups: [sex, age_band]", "groups: [sex, age_bend]", 65, ("age_band",)),
        ("nonet: 1", "nonet: 2", 78, ("1",)),
    ],
)
def test_wrong_configuration(crash, old, new, code, says):
    refused(code, crash((old, new)), *says)


def test_missing_feature_names_the_input(crash):
    import pyarrow.parquet as pq

    pq.write_table(pq.read_table(CRASH / "test.parquet").drop_columns(["seatbelt"]), crash.folder / "test.parquet")
    refused(65, crash(), "seatbelt")


def test_text_where_a_number_belongs(crash):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(CRASH / "test.parquet")
    place = table.schema.get_field_index("age")
    pq.write_table(table.set_column(place, "age", table["age"].cast(pa.string())), crash.folder / "test.parquet")
    refused(65, crash(), "age")


def test_no_configuration_here(tmp_path):
    code, _, err = nonet("check", cwd=tmp_path)
    assert code == 66 and "nonet.yaml" in err


def test_outputs_are_checked_first(crash):
    got, _, err = nonet("check", crash(), "--store", "none", "--html", "/nowhere/x.html")
    assert got == 73 and "/nowhere/x.html" in err


def test_store_that_cannot_be_is_told_first(crash):
    bad = crash.folder / "store.db"
    bad.write_text("this is no database, it only looks like one from far away" * 100)
    got, _, err = nonet("check", crash(), "--store", bad)
    assert got == 65 and "store.db" in err


def test_allow_inconclusive(crash):
    path = crash()
    code, _, _ = nonet("check", path, "--store", "none", "--only", FAST)
    if code == 2:
        assert nonet("check", path, "--store", "none", "--only", FAST, "--allow-inconclusive")[0] == 0


def test_reports_of_one_run_agree(crash):
    folder = crash.folder
    outputs = ["--json", folder / "r.json", "--junit", folder / "r.xml", "--sarif", folder / "r.sarif", "--markdown",
               folder / "r.md", "--html", folder / "r.html", "--card", folder / "r.card.md"]
    code, out, err = nonet("check", crash(), "--store", "none", "--only", FAST, *outputs)
    document = json.loads((folder / "r.json").read_text())
    state = document["verdict"]["state"]
    assert code == {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 2}[state], err
    for name in ("r.xml", "r.md", "r.html", "r.card.md"):
        assert state in (folder / name).read_text(), name
    assert out.startswith(state)


# ---- a third party's model ----------------------------------------------------------------------------------------------

CONSTANT = """import sys
import pyarrow as pa

out, writer = sys.stdout.buffer, None
for rows in pa.ipc.open_stream(sys.stdin.buffer):
    answer = pa.record_batch([pa.array([0.24] * rows.num_rows)], names=["score"])
    writer = writer or pa.ipc.new_stream(out, answer.schema)
    writer.write_batch(answer)
    out.flush()
"""


@pytest.mark.skipif(not EXTRA, reason="NONET_EXTRA_DATA names no folder")
@pytest.mark.parametrize(("candidate", "baseline", "code", "gain"),
                         [("model", "model", 0, None), ("model", "constant", 0, "GAINED"), ("constant", "model", 1, None)])
def test_third_party_model(tmp_path, candidate, baseline, code, gain):
    """A network somebody else trained (dice-ml's, on Adult): equal to itself, better than a constant, which is worse than it."""
    (tmp_path / "constant.py").write_text(CONSTANT)
    rows = f"{EXTRA}/adult_dice29_test.parquet"
    models = {"model": f"{{onnx: {EXTRA}/models/dice_adult_mlp.onnx}}", "constant": f"{{command: [{sys.executable}, constant.py]}}"}
    features = json.dumps(pyarrow.parquet.read_schema(rows).names[:29])
    path = config(tmp_path, f"nonet: 1\ncontext: safety-critical\nmodels:\n  candidate: {models[candidate]}\n  baseline: {models[baseline]}\n"
                  f"data:\n  test: {rows}\n  label: income_gt_50k\n  features: {features}\n")
    document = check(path, "--only", "correctness", codes=(code,))
    gates = {j["measure"]: j for j in document["judgements"]}
    assert gates["correctness.auc"]["gain"] == gain
    assert gates["correctness.auc"]["state"] == ("HARMED" if code == 1 else "SAFE")
    measured = estimate(document, "correctness.auc", "candidate" if candidate == "model" else "baseline")["value"]
    assert abs(measured - 0.8814) < 5e-5  # what the data's own note says

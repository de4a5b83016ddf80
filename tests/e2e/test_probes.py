"""What a model is asked beyond its predictions, through the binary and a real runtime; no time is asserted, only that the facts are
there, are the model's, and leave the digest alone."""

import hashlib

import pytest
from conftest import ROOT, evidence, nonet, strict_json

MODELS = ROOT / "examples" / "crash" / "models"
ASK = ["check", "examples/crash/nonet.yaml", "--only", "efficiency,deployability", "--store", "none", "--budget", "2s", "--sample", "500"]


def rows(document, measure):
    return {row["role"]: row for row in document["estimates"] if row["measure"] == measure}


@pytest.fixture(scope="module")
def asked():
    code, out, err = nonet(*ASK, "--json", "-")
    if code == 69:
        pytest.skip(err)
    assert code in (0, 1, 2), err
    return strict_json(out)


def test_files_are_weighed(asked):
    for role in ("candidate", "baseline"):
        path = MODELS / f"{role}.onnx"
        assert rows(asked, "efficiency.artifact_bytes")[role]["value"] == path.stat().st_size
        sha256 = next(model["sha256"] for model in asked["inputs"]["models"] if model["role"] == role)
        assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_models_load_and_answer(asked):
    for role in ("candidate", "baseline"):
        loads = rows(asked, "deployability.loads")[role]
        assert (loads["value"], loads["method"]) == (1, "exact")
        assert 0 <= rows(asked, "deployability.determinism")[role]["value"] <= 1


def test_latency_has_both_models_and_their_ratio(asked):
    for name in ("p50", "p90", "mean"):
        found = rows(asked, f"efficiency.latency_{name}")
        assert set(found) == {"candidate", "baseline", "difference"}
        assert 0 < found["candidate"]["value"] and 0 < found["baseline"]["value"]
        difference = found["difference"]  # a machine too busy for ten launches is told, not timed
        assert 10 <= difference["n"] <= 20 or (difference["value"] is None and difference["notes"])
        assert any("warm-up left out" in note for note in found["candidate"]["notes"])


def test_times_and_threads_are_not_in_the_digest(asked):
    code, out, err = nonet(*ASK, "--json", "-", "--threads", "1")
    assert code in (0, 1, 2), err
    again = strict_json(out)
    assert rows(again, "efficiency.latency_mean") != rows(asked, "efficiency.latency_mean")
    assert again["digest"] == asked["digest"]


def test_a_helper_that_is_missing_is_a_reason():
    code, out, err = nonet(*ASK, "--json", "-", env={"NONET_PROBE": "/no/such/helper"})
    assert code in (0, 1, 2), err
    skipped = {row["measure"]: row["reason"] for row in strict_json(out)["skipped"]}
    assert "NONET_PROBE" in skipped["efficiency.latency_p99"]


def test_columns_have_no_model_to_ask():
    asked_for = ["measure", "examples/crash/predictions.parquet", "--label", "dead", "--score", "candidate"]
    silent = evidence(*asked_for)
    of_models = [row for row in silent["estimates"] + silent["skipped"] if row["measure"].startswith(("efficiency.", "deployability."))]
    assert [row["measure"] for row in of_models] == ["deployability.rollback_flips"]  # of predictions: a baseline is missing
    said = evidence(*asked_for, "--only", "accuracy,efficiency,deployability.loads")
    reasons = {row["measure"]: row["reason"] for row in said["skipped"]}
    assert "nonet check" in reasons["efficiency.latency_p99"] and "nonet check" in reasons["deployability.loads"]

"""What a model costs, asked of real processes: memory against GNU time, curves, factors, deadlines, looks at timings.

No test here depends on how fast or how busy the machine is: what is asserted of times is that they are there and in order.
"""

import shutil
import statistics

import pytest
from conftest import ROOT, estimate, evidence
from test_check import check, crash  # noqa: F401

PROBE = ROOT / "build" / "src" / "probe" / "nonet-probe"
TIME = shutil.which("time", path="/usr/bin")


def alone(make, more=""):
    return make(("  baseline: {onnx: models/baseline.onnx, name: logistic-regression}\n", ""), more=more)


@pytest.mark.skipif(TIME is None, reason="GNU time is not installed")
def test_memory_agrees_with_gnu_time(crash, tmp_path, monkeypatch):  # noqa: F811
    log = tmp_path / "resident"
    script = tmp_path / "timed-probe"
    script.write_text(f"#!/bin/sh\nexec {TIME} -f %M -a -o {log} {PROBE}\n")
    script.chmod(0o755)
    monkeypatch.setenv("NONET_PROBE", str(script))
    found = check(alone(crash), "--only", "efficiency.peak_memory,efficiency.load_memory", "--budget", "20s")
    peak = estimate(found, "efficiency.peak_memory")
    by_time = [1024 * int(line) for line in log.read_text().split()][-int(peak["n"]) :]  # first, it was only opened
    assert len(by_time) == peak["n"] > 0
    assert peak["value"] == pytest.approx(statistics.median(by_time), rel=0.05)
    assert estimate(found, "efficiency.load_memory")["value"] <= peak["value"]


def test_what_is_timed_is_there(crash):  # noqa: F811
    more = "require: [efficiency.latency_p99 <= 10s]\n"
    text = crash(more=more).read_text().replace("context: safety-critical", "context: {extends: real-time, factors: {cost_per_cpu_hour: 0.05}}")
    path = crash.folder / "nonet.yaml"
    path.write_text(text)
    found = check(path, "--only", "efficiency", "--budget", "4s")
    for measure in ("cold_start", "load_time", "warm_up", "load_memory", "throughput", "cpu_seconds_per_1k", "cost_per_1k"):
        for role in ("candidate", "baseline"):
            assert estimate(found, f"efficiency.{measure}", role=role)["value"] > 0, measure
    assert estimate(found, "efficiency.cold_start")["value"] > estimate(found, "efficiency.load_time")["value"]
    cpu, cost = (estimate(found, f"efficiency.{m}")["value"] for m in ("cpu_seconds_per_1k", "cost_per_1k"))
    assert cost == pytest.approx(cpu * 0.05 / 3600)
    assert estimate(found, "efficiency.goodput")["value"] == 1  # ten seconds for a request
    co2 = estimate(found, "efficiency.co2_per_1k")
    assert co2["value"] is None and co2["notes"]
    curves = {(c["measure"], c["role"]): c for c in found["curves"]}
    batches = curves["efficiency.batch_curve", "candidate"]
    assert batches["x"] == [2**k for k in range(len(batches["x"]))] and min(batches["y"]) > 0
    times = curves["efficiency.latency_curve", "baseline"]
    assert times["y"] == sorted(times["y"])
    load = found["inputs"]["machine"]["load"]
    assert load["threads_in_model"] == 1 and load["asking_ns"] > 0
    where = curves["efficiency.operator_time", "candidate"]
    assert len(where["labels"]) == len(where["x"]) == len(where["y"]) and not where["low"]
    assert "TreeEnsembleClassifier" in where["labels"] and where["labels"][-1] == "around the runtime"
    share = estimate(found, "efficiency.operator_share")
    assert share["value"] == pytest.approx(sum(where["y"][:-2]) / sum(where["y"])) and share["low"] is None
    if threads := curves["efficiency.thread_curve", "candidate"]["x"]:  # none on one core
        assert threads == [2**k for k in range(len(threads))]
    assert not curves["efficiency.thread_curve", "baseline"]["x"]


def test_profiles_leave_nothing(crash, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    found = check(alone(crash), "--only", "efficiency.operator_share", "--budget", "1s")
    assert 0 < estimate(found, "efficiency.operator_share")["value"] <= 1
    assert not list(tmp_path.glob("nonet-*"))


def test_timings_state_their_look(crash, tmp_path):  # noqa: F811
    path, store = crash(), tmp_path / "looks.db"
    for look in (1, 2, 3):
        found = evidence("check", path, "--store", store, "--only", "efficiency,correctness.auc", "--budget", "1s", codes=(0, 1, 2))
        looks = {j["measure"]: j["look"] for j in found["judgements"]}
        assert looks["efficiency.latency_p99"] == look and looks["correctness.auc"] == 1
        said = " ".join(found["verdict"]["because"])
        assert ("look 3 at them" in said and "up to 0.14" in said) == (look == 3)  # 1 - .95 ** 3 = .1426
        assert ("measured anew" in said) == (look > 1)


def test_margins_take_units(crash):  # noqa: F811
    path = crash(("efficiency.artifact_bytes: 1MB", "efficiency.artifact_bytes: 10kB"))
    found = check(path, "--only", "efficiency.artifact_bytes")
    bytes_ = next(j for j in found["judgements"] if j["measure"] == "efficiency.artifact_bytes")
    assert bytes_["margin"] == 10000 and bytes_["state"] == "HARMED"  # 55,597 bytes more

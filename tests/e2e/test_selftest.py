"""nonet selftest: the gates' own errors on the user's rows, as exit code, findings and text."""

import pytest
from conftest import ROOT, evidence, nonet

CRASH = ROOT / "examples" / "crash"
QUERY = f"select * from '{CRASH / 'predictions.parquet'}' limit 3000"
ROWS = ("--query", QUERY, "--label", "dead", "--score", "candidate", "--baseline-score", "baseline")
RATES = ("improved", "harmed_at_zero", "safe_at_margin", "harmed_at_margin")


@pytest.fixture(scope="module")
def tested():
    return evidence("selftest", *ROWS, "--margin", "correctness.f1=0.02")


def test_the_gates_hold(tested):
    assert tested["run"]["command"] == "selftest"
    assert tested["verdict"]["state"] == "PASS"
    assert [finding["id"] for finding in tested["findings"]] == ["selftest.correctness.auc", "selftest.correctness.f1"]
    for finding in tested["findings"]:
        where = finding["where"]
        assert where["state"] == "HOLDS"
        for rate in RATES:
            # .07 is what gates of tables and AUC promise; three standard errors of 1,000 repeats on top
            assert where[rate] is None or where[rate] <= 0.0943
    auc, f1 = (finding["where"] for finding in tested["findings"])
    assert auc["safe_when_equal"] > 0.05 and auc["harmed_at_twice"] > auc["harmed_at_margin"]
    assert f1["safe_at_margin"] is None and f1["harmed_at_twice"] is None  # there is no injector for F1
    assert "no injector" in tested["findings"][1]["evidence"]


def test_threads_change_nothing(tested):
    again = evidence("selftest", *ROWS, "--margin", "correctness.f1=0.02", "--threads", "1")
    assert again["digest"] == tested["digest"]


def test_the_terminal_says_what_was_counted():
    code, out, _ = nonet("selftest", *ROWS)
    assert code == 0
    assert out.startswith("PASS  self-test of the gates of general")
    assert "correctness.auc: the gate errs no more often than it promises" in out
    assert "swapped at random, 1,000 times, on 3,000 rows" in " ".join(out.split())


def test_rows_that_cannot_decide_are_inconclusive():
    run = evidence("selftest", *ROWS, "--cluster", "case_id", codes=(2,))
    assert run["verdict"]["state"] == "INCONCLUSIVE"
    assert run["findings"][0]["where"]["state"] == "OPEN"
    assert "variance" in run["findings"][0]["evidence"]


@pytest.mark.parametrize(
    ("gate", "options"),
    [
        ("fairness.demographic_parity_difference{side,third}", ("--group", "side,third", "--intersections", "2")),
        ("fairness.demographic_parity_difference{third}", ("--group", "third", "--reference", "third=0")),
        ("fairness.conditional_parity{third}", ("--group", "third", "--control", "side")),
    ],
    ids=["crossing", "reference", "control"],
)
def test_groups_as_a_comparison_takes_them(gate, options):
    """Equal models on groups that say nothing: no gate of gaps proves a change more often than it may."""
    query = QUERY.replace("*", "*, hash(case_id || 'a') % 2 as side, hash(case_id || 'b') % 3 as third")
    run = evidence("selftest", "--query", query, *ROWS[2:], "--margin", f"{gate}=0.05,correctness.auc=0.02", *options, codes=(0, 2))
    (finding,) = [found for found in run["findings"] if gate.split("{")[0] in found["id"]]
    assert finding["where"]["state"] == "HOLDS"
    assert finding["where"]["improved"] <= 0.0943 and finding["where"]["harmed_at_zero"] <= 0.0943


def test_a_configuration_is_read_as_by_check(tmp_path):
    path = tmp_path / "nonet.yaml"
    text = (CRASH / "nonet.yaml").read_text()
    for name in ("test.parquet", "train.parquet", "models/"):
        text = text.replace(name, f"{CRASH}/{name}")
    path.write_text(text)
    run = evidence("selftest", path, "--sample", "2000", codes=(0, 2))
    said = {row["measure"]: row["reason"] for row in run["skipped"]}
    assert run["verdict"]["context"] == "safety-critical"
    assert any("latency" in measure for measure in said)
    assert {finding["id"].split(".")[0] for finding in run["findings"]} == {"selftest"}


INCOME = ROOT / "examples" / "income" / "predictions.parquet"


def test_requirements_on_gaps(tmp_path):
    """One model: groups change places instead. A share of the groups' gaps is 0, then exactly what is allowed."""
    path = tmp_path / "nonet.yaml"
    path.write_text(f"""
nonet: 1
task: binary
models:
  candidate: {{columns: {{score: candidate}}}}
data:
  test: {{query: "select * from '{INCOME}' limit 4000"}}
  label: income_gt_50k
  groups: [sex, race]
require:
  - fairness.equal_opportunity_difference{{sex}} <= 0.15
  - fairness.demographic_parity_ratio{{sex}} >= 0.7
  - fairness.worst_group{{sex}} >= 0.5
""")
    run = evidence("selftest", path)
    opportunity, ratio = run["findings"]
    assert opportunity["id"] == "selftest.fairness.equal_opportunity_difference{sex}"
    assert "the requirement errs no more often than it promises" in ratio["title"]
    for finding in (opportunity, ratio):
        where = finding["where"]
        assert where["exchanged"] == "groups" and where["state"] == "HOLDS" and where["improved"] is None
        for rate in RATES[1:]:
            assert where[rate] <= 0.0943
        assert where["harmed_at_zero"] > 0.01  # 1,000 repeats of some .05
        assert where["safe_when_equal"] > 0.5 > where["safe_at_margin"]
        assert where["harmed_at_twice"] > 0.5
    said = {row["measure"]: row["reason"] for row in run["skipped"]}
    assert "one model" in said["fairness.worst_group{sex}"]
    assert "groups were exchanged" in " ".join(run["verdict"]["because"]).lower()


def test_no_group_worse():
    """The gate of every group by itself: its error is one of any group."""
    query = f"select * from '{INCOME}' limit 2000"
    run = evidence(
        "selftest", "--query", query, "--label", "income_gt_50k", "--score", "candidate", "--baseline-score", "baseline",
        "--group", "sex", "--margin", "fairness.no_group_worse=0.03", codes=(0, 2),
    )  # fmt: skip
    (finding,) = (f for f in run["findings"] if "no_group_worse" in f["id"])
    where = finding["where"]
    assert where["exchanged"] == "models" and where["state"] == "HOLDS"
    assert where["harmed_at_zero"] <= 0.0943 and where["safe_at_margin"] <= 0.0943
    assert where["safe_when_equal"] > where["safe_at_margin"]


def test_usage():
    code, out, err = nonet("selftest", *ROWS[:6])
    assert code != 0 and out == "" and "baseline" in err
    code, _, err = nonet("selftest", "no-such.yaml")
    assert code == 66 and "no-such.yaml" in err

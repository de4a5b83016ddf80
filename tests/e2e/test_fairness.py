"""Fairness over groups, through the command line.

Agreement with fairlearn and AIF360 on adult, COMPAS (the deployed model's own decisions) and German credit:
tests/golden/fairness/make_fixtures.py made the values. Then what a person asks of `measure`, `compare` and `check`.
"""

import csv
import functools
import json
import math

import pytest
from conftest import ROOT, evidence, nonet

FOLDER = ROOT / "tests" / "golden" / "fairness"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
CASES = EXPECTED["cases"]


@functools.cache
def rows_of(name):
    with open(FOLDER / f"{name}.csv", newline="") as file:
        table = list(csv.DictReader(file))
    columns = [c for c in table[0] if c != "count"]
    return columns, [[row[c] for c in columns] for row in table for _ in range(int(row["count"]))]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("fairness")
    for name in {case[0] for case in CASES}:
        columns, rows = rows_of(name)
        with open(made / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
    return made


@pytest.fixture(scope="session")
def measured(folder):
    @functools.cache
    def of(name):
        columns, _ = rows_of(name)
        groups = ",".join(c for c in columns if c not in ("label", "decision"))
        args = ("--label", "label", "--prediction", "decision", "--group", groups, "--only", "fairness", "--quiet")
        return evidence("measure", folder / f"{name}.csv", *args)

    return of


def find(document, measure, scope, role="candidate"):
    found = [e for e in document["estimates"] if (e["measure"], e["scope"], e["role"]) == (measure, scope, role)]
    assert len(found) == 1, f"{measure} in {scope}: {len(found)} estimates"
    return found[0]


def over(column):
    return {"kind": "column", "column": column} if column else {"kind": "all"}


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}-{c[1]}-{c[2]}-{c[4]}")
def test_agrees(measured, case):
    name, column, measure, value, peer = case
    got = find(measured(name), measure, over(column))
    assert abs(got["value"] - value) <= 1e-12, f"{measure}: {got['value']!r}, {peer} has {value!r}"


def test_published_compas(measured):
    """ProPublica 2016: of those who did not reoffend 44.85 % of Black and 23.45 % of white defendants were labelled high."""
    gap = find(measured("compas"), "fairness.fpr_gap", over("race"))
    assert gap["low"] > 0.2 and "African-American 0.448" in gap["notes"][0]
    assert any("Native American has 18 rows and needs 30" in note for note in gap["notes"])


def test_bounds_hold_the_value(measured):
    for name in ("adult", "compas", "german_credit"):
        gaps = [e for e in measured(name)["estimates"] if e["method"] in ("gap-pairs", "ratio-pairs", "worst-group")]
        assert len(gaps) >= 20
        for e in gaps:
            assert e["low"] <= e["value"] <= e["high"], e
            is_share = e["measure"] != "fairness.differential_fairness"  # a logarithm
            assert e["low"] >= 0 and (e["high"] <= 1 or not is_share), e


def test_screen_names_the_groups(folder):
    args = ("--label", "label", "--prediction", "decision", "--group", "sex,race")
    code, out, err = nonet("measure", folder / "compas.csv", *args)
    assert code == 0, err
    assert "Fairness over sex" in out and "Fairness over race" in out
    assert "from Other" in out and "Native American has 18 rows and needs 30" in out


def test_without_groups_nothing_is_said(folder):
    document = evidence("measure", folder / "compas.csv", "--label", "label", "--prediction", "decision", "--quiet")
    assert not [e for e in document["estimates"] if e["attribute"] == "fairness"]
    assert not [s for s in document["skipped"] if s["measure"].startswith("fairness.")]
    args = ("--label", "label", "--prediction", "decision", "--only", "fairness.theil")
    code, _, err = nonet("measure", folder / "compas.csv", *args)
    assert code == 65 and "needs group columns" in err


def test_one_group_is_no_gap(folder):
    args = ("--label", "label", "--prediction", "decision", "--group", "one", "--only", "fairness.fpr_gap", "--quiet")
    source = folder / "one.csv"
    source.write_text("label,decision,one\n" + "1,1,x\n0,1,x\n0,0,x\n" * 40)
    gap = find(evidence("measure", source, *args), "fairness.fpr_gap", over("one"))
    assert gap["value"] is None and "needs 2" in gap["notes"][0]


def test_null_is_a_group(folder):
    source = folder / "null.csv"
    source.write_text("label,decision,g\n" + "1,1,x\n0,0,x\n1,0,\n0,0,\n" * 40)
    args = ("--label", "label", "--prediction", "decision", "--group", "g", "--only", "fairness", "--quiet")
    gap = find(evidence("measure", source, *args), "fairness.equal_opportunity_difference", over("g"))
    assert gap["value"] == 1 and gap["notes"][0] == "from null 0 to x 1"


# ---- compare and check ----


def pair_file(path, n, harm, small=0):
    """Two groups with a positive rate of one half, the baseline right in 3 of 4 rows; the candidate's answers in group b are
    wrong in `harm` more of each 100. `small` rows of a third group."""
    lines = ["y,a,b,g"]
    for i in range(n):
        y, base = i % 2, i % 4 != 3
        for g in "ab":
            wrong = g == "b" and base and (i * 37) % 100 < harm
            lines.append(f"{y},{y if base and not wrong else 1 - y},{y if base else 1 - y},{g}")
    lines += [f"{i % 2},{i % 2},{i % 2},c" for i in range(small)]
    path.write_text("\n".join(lines) + "\n")
    return path


def check(folder, source, *require, context="personal-data", margins="{fairness.no_group_worse: 0.02}"):
    config = folder / "nonet.yaml"
    config.write_text(f"""nonet: 1
context: {context}
models:
  candidate: {{columns: {{prediction: a}}}}
  baseline: {{columns: {{prediction: b}}}}
data: {{test: {source.name}, label: y, groups: [g]}}
margins: {margins}
require: {json.dumps(list(require))}
coverage: partial
store: none
""")
    out = folder / "out.json"
    code, _, err = nonet("check", config, "--quiet", "--json", out)
    assert code in (0, 1, 2), err
    return code, json.loads(out.read_text())


def judgement(document, measure):
    found = [j for j in document["judgements"] if j["measure"] == measure]
    assert len(found) == 1, document["judgements"]
    return found[0]


def test_no_group_worse(tmp_path):
    _, same = check(tmp_path, pair_file(tmp_path / "t.csv", 20000, 0))
    assert judgement(same, "fairness.no_group_worse")["state"] == "SAFE"
    code, worse = check(tmp_path, pair_file(tmp_path / "t.csv", 20000, 10))
    found = judgement(worse, "fairness.no_group_worse")
    assert code == 1 and found["state"] == "HARMED" and "g=b" in found["reason"]
    assert -0.12 < found["difference"] < -0.05


def test_small_group_leaves_it_undecided(tmp_path):
    code, document = check(tmp_path, pair_file(tmp_path / "t.csv", 20000, 0, small=12))
    found = judgement(document, "fairness.no_group_worse")
    assert code == 2 and found["state"] == "UNDECIDED" and "g=c has 12 rows and needs 30" in found["reason"]


def test_requirements_over_a_column(tmp_path):
    source = pair_file(tmp_path / "t.csv", 4000, 20)
    _, document = check(tmp_path, source, "fairness.accuracy_gap{g} <= 0.25", "fairness.fpr_gap{g} <= 0.05")
    states = [judgement(document, f"fairness.{m}_gap") for m in ("accuracy", "fpr")]
    assert [s["state"] for s in states] == ["MET", "VIOLATED"]
    assert all(s["scope"] == {"kind": "column", "column": "g"} for s in states)
    # with one group column it goes without saying
    _, document = check(tmp_path, source, "fairness.accuracy_gap <= 0.25")
    assert judgement(document, "fairness.accuracy_gap")["state"] == "MET"


def test_small_group_and_a_requirement(tmp_path):
    """Nothing is proven of all groups, and what is proven among the others stays proven."""
    source = pair_file(tmp_path / "t.csv", 4000, 20, small=12)
    _, document = check(tmp_path, source, "fairness.accuracy_gap{g} <= 0.9", "fairness.fpr_gap{g} <= 0.05")
    met, violated = (judgement(document, f"fairness.{m}_gap") for m in ("accuracy", "fpr"))
    assert met["state"] == "UNDECIDED" and "g=c has 12 rows" in met["reason"] and met["n_needed"] is None
    assert violated["state"] == "VIOLATED"


def test_regression_in_per_cent(tmp_path):
    """A margin in per cent is of each group's own error; a group where nothing changed is named, and hides no harm."""
    source = tmp_path / "t.csv"
    lines = ["y,a,b,g"]
    for i in range(4000):
        error = ((i * 7919) % 1001 - 500) / 100
        lines.append(f"{i % 97},{i % 97 + error * (1.2 if i % 2 else 1)},{i % 97 + error},{'uv'[i % 2]}")
    source.write_text("\n".join(lines) + "\n")
    args = ("--label", "y", "--score", "a", "--baseline-score", "b", "--task", "regression", "--group", "g", "--quiet")
    document = evidence("compare", source, *args, "--context", "regulated-decision", codes=(1,))
    found = judgement(document, "fairness.no_group_worse")
    assert found["state"] == "HARMED" and found["difference"] == pytest.approx(-math.log(1.2), abs=1e-9)
    assert "g=u" in found["reason"] and "g=v" in found["reason"]
    gap = find(document, "fairness.mae_gap", over("g"))
    assert gap["notes"][0].startswith("from u") and gap["low"] > 0


def test_scopes_that_do_not_fit(tmp_path):
    source = pair_file(tmp_path / "t.csv", 100, 0)
    for requirement, said in (
        ("correctness.accuracy{g} >= 0.5", "name one group"),
        ("fairness.accuracy_gap{h} <= 0.5", "not among the groups"),
        ("fairness.accuracy_gap{g=a} <= 0.5", "name the column"),
    ):
        config = tmp_path / "nonet.yaml"
        config.write_text(
            "nonet: 1\nmodels: {candidate: {columns: {prediction: a}}}\n"
            f"data: {{test: {source.name}, label: y, groups: [g]}}\nrequire: ['{requirement}']\nstore: none\n"
        )
        code, _, err = nonet("check", config, "--quiet")
        assert code == 78 and said in err, err


def crossed_file(path):
    """Rows of two group columns, and the same two as one column."""
    lines = ["y,a,b,g,h,gh"]
    for i in range(6000):
        g, h, y = "uv"[i % 2], ("x", "z", "")[i // 2 % 3], int(i * 7919 % 100 < 40)
        a = y if (i * 104729) % 100 < {"vz": 60, "u": 90}.get(g + h, 80) else 1 - y
        b = y if (i * 15485863) % 100 < 80 else 1 - y
        lines.append(f"{y},{a},{b},{g},{h},{g}{h}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_intersections(tmp_path):
    """A gap over crossed columns is that of one column which holds the pairs; so are worst groups and differences."""
    source = crossed_file(tmp_path / "t.csv")
    args = ("--label", "y", "--prediction", "a", "--baseline-prediction", "b", "--only", "fairness", "--quiet")
    crossed = evidence("measure", source, *args, "--group", "g,h", "--intersections", "2")
    paired = evidence("measure", source, *args, "--group", "gh")
    both = {"kind": "column", "column": "g*h", "columns": ["g", "h"]}
    over_pairs = [e for e in paired["estimates"] if e["scope"] == over("gh")]
    assert len(over_pairs) > 30
    for e in over_pairs:
        got = find(crossed, e["measure"], both, e["role"])
        assert all(got[k] == e[k] for k in ("value", "low", "high", "n")), e
    worst = find(crossed, "fairness.worst_group", both)
    assert worst["notes"][0] == "in v, z"
    assert "u, null" in " ".join(n for e in crossed["estimates"] for n in e["notes"])
    plain = evidence("measure", source, *args, "--group", "g,h")
    assert not [e for e in plain["estimates"] if e["scope"] == both]


def test_requirement_over_crossed_columns(tmp_path):
    """A requirement names the columns in any order; no option is needed for it."""
    source = crossed_file(tmp_path / "t.csv")
    config = tmp_path / "nonet.yaml"
    text = (
        "nonet: 1\nmodels: {candidate: {columns: {prediction: a}}, baseline: {columns: {prediction: b}}}\n"
        f"data: {{test: {source.name}, label: y, groups: [g, h]}}\nstore: none\n"
        'require: ["fairness.accuracy_gap{%s} <= 0.05"]\nmargins: {"fairness.no_group_worse{g,h}": 0.05}\n'
    )
    config.write_text(text % "h,g")
    document = evidence("check", config, "--quiet", codes=(1,))
    both = {"kind": "column", "column": "g*h", "columns": ["g", "h"]}
    gap, gate = judgement(document, "fairness.accuracy_gap"), judgement(document, "fairness.no_group_worse")
    assert gap["state"] == "VIOLATED" and gap["scope"] == both
    text = text.replace("groups: [g, h]", "groups: [h, g], intersections: 2")
    config.write_text(text % "h,g")
    turned = evidence("check", config, "--quiet", codes=(1,))
    assert judgement(turned, "fairness.accuracy_gap")["scope"] == both
    named = {e["scope"]["column"] for e in turned["estimates"] if e["scope"].get("columns")}
    assert named == {"g*h"}, "estimates and judgements name one scope in one way, whatever the order written"
    assert gate["state"] == "HARMED" and gate["scope"] == both and "g=v, h=z" in gate["reason"]
    for scope, said in (("g,k", "'k' is not among the groups"), ("g,g", "stands twice"), ("g,h=x", "expected a scope")):
        config.write_text(text % scope)
        code, _, err = nonet("check", config, "--quiet")
        assert code == 78 and said in err, err


def test_scores_and_outcomes_of_groups(tmp_path):
    """The gaps of scores and the ratio of outcomes, by their definitions (fsum over the rows)."""
    source = tmp_path / "t.csv"
    rows = [("uvw"[i % 3], int(i * 7919 % 100 < 30 + 5 * (i % 3)), (i * 104729 % 1000 + 40 * (i % 3)) / 1100) for i in range(900)]
    source.write_text("g,y,p\n" + "".join(f"{g},{y},{p!r}\n" for g, y, p in rows))
    only = ",".join(f"fairness.{m}" for m in ("score_gap", "calibration_gap", "differential_fairness"))
    args = ("--label", "y", "--score", "p", "--group", "g", "--only", only, "--quiet")
    document = evidence("measure", source, *args)

    def gap(of):
        values = [math.fsum(of(y, p) for g, y, p in rows if g == k) / 300 for k in "uvw"]
        return max(values) - min(values)

    chosen = [(sum(p >= 0.5 for g, _, p in rows if g == k) + 0.5) / 301 for k in "uvw"]
    refused = [1 - c for c in chosen]
    epsilon = max(math.log(max(s) / min(s)) for s in (chosen, refused))
    expected = {"score_gap": gap(lambda y, p: p), "calibration_gap": gap(lambda y, p: p - y), "differential_fairness": epsilon}
    for measure, value in expected.items():
        got = find(document, f"fairness.{measure}", over("g"))
        assert abs(got["value"] - value) <= 1e-12 and got["low"] <= value <= got["high"], measure


def admissions_file(path):
    """R's UCBAdmissions: the faculties' decisions, men and women by department."""
    table = {
        "A": (512, 313, 89, 19), "B": (353, 207, 17, 8), "C": (120, 205, 202, 391),
        "D": (138, 279, 131, 244), "E": (53, 138, 94, 299), "F": (22, 351, 24, 317),
    }  # fmt: skip
    lines = ["gender,dept,y,admit"]
    for dept, counts in table.items():
        for k, n in enumerate(counts):
            lines += [f"{'MF'[k // 2]},{dept},{i % 2},{1 - k % 2}" for i in range(n)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_conditional_parity(tmp_path):
    """R 4.2.2: mantelhaen.test(UCBAdmissions, correct = FALSE) and Mantel-Haenszel's difference; SciPy 1.17: Laud's score
    over strata, from each likelihood's own root. Berkeley's admissions: women are admitted less often, and not within departments."""
    source = admissions_file(tmp_path / "t.csv")
    args = ("--label", "y", "--prediction", "admit", "--group", "gender", "--quiet")
    document = evidence("measure", source, *args, "--control", "dept")
    within, crude = (
        find(document, f"fairness.{m}", over("gender")) for m in ("conditional_parity", "demographic_parity_difference")
    )
    assert abs(within["value"] - 0.0184251961908525) <= 1e-12 and within["low"] == 0
    assert abs(within["high"] - 0.04751380502245103) <= 1e-12
    assert "chi-square 1.525, p 0.217, common odds ratio 1.105, 6 strata" in within["notes"][0]
    assert abs(crude["value"] - (1198 / 2691 - 557 / 1835)) <= 1e-12 and crude["low"] > 0.1
    # controls make no scopes, and change no other number
    plain = evidence("measure", source, *args)
    others = [e for e in document["estimates"] if e["measure"] != "fairness.conditional_parity"]
    assert others == plain["estimates"] and document["inputs"]["config"]["controls"] == ["dept"]


def test_controls_over_parts_and_in_check(tmp_path):
    """The controls stand in the state; a part without them does not belong; a requirement reads them."""
    source = admissions_file(tmp_path / "t.csv")
    lines = source.read_text().splitlines()
    args = ("--label", "y", "--prediction", "admit", "--group", "gender", "--quiet")
    for name, rows in (("a", lines[1:2000]), ("b", lines[2000:])):
        (tmp_path / f"{name}.csv").write_text("\n".join([lines[0], *rows]) + "\n")
        code, _, err = nonet("measure", tmp_path / f"{name}.csv", *args, "--control", "dept", "--state", tmp_path / name)
        assert code == 0, err
    merged = evidence("merge", tmp_path / "a", tmp_path / "b", "--quiet")
    whole = evidence("measure", source, *args, "--control", "dept")
    assert merged["estimates"] == whole["estimates"]
    nonet("measure", tmp_path / "b.csv", *args, "--state", tmp_path / "c")
    code, _, err = nonet("merge", tmp_path / "a", tmp_path / "c")
    assert code == 65 and "1 group columns and 1 controls in one, 1 and 0 in the other" in err
    config = tmp_path / "nonet.yaml"
    config.write_text(
        "nonet: 1\nmodels: {candidate: {columns: {prediction: admit}}}\n"
        f"data: {{test: {source.name}, label: y, groups: [gender], controls: [dept]}}\nstore: none\n"
        "require: ['fairness.conditional_parity <= 0.05', 'fairness.demographic_parity_difference <= 0.05']\n"
    )
    document = evidence("check", config, "--quiet", codes=(1,))
    assert judgement(document, "fairness.conditional_parity")["state"] == "MET"
    assert judgement(document, "fairness.demographic_parity_difference")["state"] == "VIOLATED"


def test_a_column_that_is_no_group(tmp_path):
    """More values than cells are kept for: refused, with the column's name and what to do."""
    source = tmp_path / "t.csv"
    source.write_text("y,p,name,sex\n" + "".join(f"{i % 2},{i % 2},n{i},{'uv'[i % 2]}\n" for i in range(10001)))
    code, _, err = nonet("measure", source, "--label", "y", "--prediction", "p", "--group", "sex,name")
    assert code == 65 and "more than 10000 cells" in err and "'name' has the most values" in err and "bin it" in err


def test_more_pairs_than_are_kept(tmp_path):
    """1,500 groups would be 1.1 million pairs in strata: said so, with what to do; beside a reference group there are 1,499."""
    source = tmp_path / "t.csv"
    source.write_text("y,p,g,c\n" + "".join(f"{i % 2},{i % 3 == 0:d},g{i // 40},{i % 4 // 2}\n" for i in range(60000)))
    args = (source, "--label", "y", "--prediction", "p", "--group", "g", "--control", "c", "--only", "fairness.conditional_parity")
    (gap,) = evidence("measure", *args)["estimates"]
    assert gap["value"] is None and gap["notes"] == ["1500 groups make more than 1000000 pairs: name a reference group, or join groups"]
    (gap,) = evidence("measure", *args, "--reference", "g=g1")["estimates"]
    assert 0 <= gap["low"] <= gap["value"] <= gap["high"] <= 1


@pytest.mark.parametrize(("margin", "unfair", "state"), [(0.15, 0.8, "SAFE"), (0.05, 0.4, "HARMED"), (0.025, 0.78, "UNDECIDED")])
def test_a_gate_on_the_difference_of_two_gaps(tmp_path, margin, unfair, state):
    """Group a is chosen with .8 by both models, group b by the candidate with `unfair`: the gap grows by .8 - unfair. The
    bounds are pair by pair, the p-value goes with them."""
    rows = ["y,new,old,g"]
    for k, group in enumerate("ab" * 1500):
        u = (k * 0.6180339887498949) % 1
        rows.append(f"{k % 3 == 0:d},{u < (0.8 if group == 'a' else unfair):d},{u < 0.8:d},{group}")
    source = tmp_path / "t.csv"
    source.write_text("\n".join(rows) + "\n")
    run = evidence(
        "compare", source, "--label", "y", "--prediction", "new", "--baseline-prediction", "old", "--group", "g",
        "--only", "fairness", "--margin", f"fairness.demographic_parity_difference{{g}}={margin}", codes=(0, 1, 2),
    )  # fmt: skip
    (gate,) = (j for j in run["judgements"] if j["measure"] == "fairness.demographic_parity_difference")
    assert gate["method"] == "gaps-by-pairs" and gate["state"] == state
    assert abs(gate["difference"] - (unfair - 0.8)) < 0.01
    assert (gate["p_safe"] <= 0.05) == (gate["low"] > -margin) and (gate["p_harmed"] <= 0.05) == (gate["high"] < -margin)

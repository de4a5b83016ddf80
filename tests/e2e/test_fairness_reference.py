"""Gaps against a reference group: the rates counted here row by row, AIF360 where a column has two groups."""

import pytest
from conftest import close, evidence, nonet
from test_fairness import EXPECTED, find, over, rows_of

COMPAS = ("--label", "label", "--prediction", "decision", "--only", "fairness", "--group", "sex,race")


@pytest.fixture(scope="module")
def compas(tmp_path_factory):
    columns, rows = rows_of("compas")
    path = tmp_path_factory.mktemp("reference") / "compas.csv"
    path.write_text("\n".join(",".join(row) for row in [columns, *rows]) + "\n")
    return path


def rates(name, column, label=None):
    """Share predicted positive in each group, of rows with this label (None: of all); groups of 30 rows and more."""
    columns, rows = rows_of(name)
    at = {c: k for k, c in enumerate(columns)}
    seen = {}
    for row in rows:
        if label is None or row[at["label"]] == label:
            seen.setdefault(row[at[column]], []).append(int(row[at["decision"]]))
    sizes = {}
    for row in rows:
        sizes[row[at[column]]] = sizes.get(row[at[column]], 0) + 1
    return {group: sum(d) / len(d) for group, d in seen.items() if sizes[group] >= 30}


@pytest.mark.parametrize("reference", ["Caucasian", "Hispanic", "Other"])
def test_against_one_group(compas, reference):
    document = evidence("measure", compas, *COMPAS, "--reference", f"race={reference}", "--quiet")
    for measure, label in (
        ("demographic_parity_difference", None),
        ("equal_opportunity_difference", "1"),
        ("fpr_gap", "0"),
    ):
        rate = rates("compas", "race", label)
        got = find(document, f"fairness.{measure}", over("race"))
        assert got["method"] == "gap-reference"
        assert close(got["value"], max(abs(r - rate[reference]) for r in rate.values()))
        assert reference in got["notes"][0] and got["low"] <= got["value"] <= got["high"]
    rate = rates("compas", "race")
    got = find(document, "fairness.demographic_parity_ratio", over("race"))
    least = min(min(r, rate[reference]) / max(r, rate[reference]) for r in rate.values())
    assert got["method"] == "ratio-reference" and close(got["value"], least)
    assert find(document, "fairness.fpr_gap", over("sex"))["method"] == "gap-pairs", "no reference of sex"
    assert document["inputs"]["config"]["reference"] == {"race": reference}


@pytest.mark.parametrize("name", ["compas", "adult", "german_credit"])
def test_two_groups_are_aif360s(tmp_path, name):
    """AIF360's unprivileged minus privileged, without its sign: expected.json has it for every column of two groups."""
    columns, rows = rows_of(name)
    source = tmp_path / "t.csv"
    source.write_text("\n".join(",".join(row) for row in [columns, *rows]) + "\n")
    checked = 0
    for column in (c for c in columns if c not in ("label", "decision")):
        groups = sorted({row[columns.index(column)] for row in rows})
        cases = [c for c in EXPECTED["cases"] if (c[0], c[1], c[4]) == (name, column, "aif360")]
        if len(groups) != 2 or not cases:
            continue
        args = ("--label", "label", "--prediction", "decision", "--only", "fairness", "--group", column, "--quiet")
        document = evidence("measure", source, *args, "--reference", f"{column}={groups[0].lower() if groups[0] == 'False' else groups[0]}")
        for _, _, measure, value, _ in cases:
            assert abs(find(document, measure, over(column))["value"] - value) <= 1e-12, measure
            checked += 1
    assert checked >= 3


def test_bounds_are_narrower_than_of_all_pairs(compas):
    """Where the widest pair holds the reference, fewer pairs give a higher lower bound and no lower upper one."""
    all_pairs = evidence("measure", compas, *COMPAS, "--quiet")
    one = evidence("measure", compas, *COMPAS, "--reference", "race=African-American", "--quiet")
    a = find(all_pairs, "fairness.demographic_parity_difference", over("race"))
    b = find(one, "fairness.demographic_parity_difference", over("race"))
    assert a["value"] == b["value"] and b["low"] > a["low"] and b["high"] <= a["high"]


def test_crossed_columns(compas):
    """Each crossed column with a reference: their crossing is the reference; one without: all pairs."""
    args = (*COMPAS, "--intersections", "2", "--quiet", "--reference")
    both = evidence("measure", compas, *args, "race=Caucasian,sex=Male")
    one = evidence("measure", compas, *args, "race=Caucasian")
    scope = {"kind": "column", "column": "race*sex", "columns": ["race", "sex"]}
    found = [[e for e in d["estimates"] if e["scope"].get("columns") and e["measure"] == "fairness.fpr_gap"] for d in (both, one)]
    assert found[0][0]["method"] == "gap-reference" and found[1][0]["method"] == "gap-pairs"
    assert set(found[0][0]["scope"]["columns"]) == set(scope["columns"])


def test_a_reference_too_small_to_judge(compas):
    document = evidence("measure", compas, *COMPAS, "--reference", "race=Native American", "--quiet")
    got = find(document, "fairness.fpr_gap", over("race"))
    assert got["value"] is None and "race=Native American has 18 rows and needs 30" in got["notes"][0]
    assert find(document, "fairness.worst_group", over("race"))["value"] is not None


@pytest.mark.parametrize(
    ("reference", "code", "words"),
    [
        ("race=Caucasion", 65, "did you mean 'Caucasian'"),
        ("rase=Other", 64, "did you mean 'race'"),
        ("Other", 64, "such as sex=Male"),
        ("race=Other,race=Asian", 64, "given twice"),
    ],
)
def test_mistakes(compas, reference, code, words):
    found, _, err = nonet("measure", compas, *COMPAS, "--reference", reference)
    assert (found, words in err) == (code, True), err


def test_in_compare_and_check(compas, tmp_path):
    lines = [line for line in compas.read_text().splitlines() if "Native" not in line]  # too small to judge
    text = [lines[0].replace("decision", "decision,other")] + lines[1:]
    source = tmp_path / "t.csv"
    source.write_text("\n".join([text[0]] + [f"{line},{i % 2}" for i, line in enumerate(text[1:])]) + "\n")
    args = ("--label", "label", "--prediction", "decision", "--baseline-prediction", "other", "--group", "race")
    more = ("--only", "fairness", "--reference", "race=Caucasian", "--quiet")
    document = evidence("compare", source, *args, *more, codes=(0, 1, 2))
    measured = find(document, "fairness.fpr_gap", over("race"))
    config = tmp_path / "nonet.yaml"
    config.write_text(
        "nonet: 1\nstore: none\nmodels: {candidate: {columns: {prediction: decision}}}\n"
        "data: {test: t.csv, label: label, groups: [race], reference: [race=Caucasian]}\n"
        "require: ['fairness.fpr_gap{race} <= 0.3']\n"  # of all pairs it is 0.36
    )
    checked = evidence("check", config, "--quiet", codes=(0, 1, 2))
    assert find(checked, "fairness.fpr_gap", over("race"))["value"] == measured["value"]
    requirement = next(j for j in checked["judgements"] if j["kind"] == "requirement")
    assert (requirement["scope"], requirement["state"]) == (over("race"), "MET")

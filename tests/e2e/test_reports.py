"""Reports from evidence: every format of every made document (tests/golden/report/make_evidence.py), and the options that ask for
them.

Numbers of the page are compared with the evidence one by one, in the row where they stand. Texts are compared with
tests/golden/report/expected; NONET_REFRESH=1 writes those again (then read the difference before committing it).
"""

import html.parser
import importlib.util
import json
import math
import os
import re
import xml.etree.ElementTree as ElementTree

import jsonschema
import pytest
from conftest import ROOT, nonet, schema, strict_json

GOLDEN = ROOT / "tests" / "golden" / "report"
spec = importlib.util.spec_from_file_location("make_evidence", GOLDEN / "make_evidence.py")
make_evidence = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make_evidence)

CASES = sorted(make_evidence.CASES)
MOST_BYTES = 3_000_000
FILES = {"junit": "xml", "sarif": "sarif", "markdown": "md", "card": "card.md"}


class Made:
    """A made document and all its reports."""

    def __init__(self, folder, name):
        self.evidence = make_evidence.CASES[name]().finish()
        self.path = folder / f"{name}.evidence"
        self.path.write_text(json.dumps(self.evidence, ensure_ascii=False, allow_nan=False), encoding="utf-8")
        outputs = {kind: folder / f"{name}.{kind}" for kind in ("html", "junit", "sarif", "markdown", "card", "json")}
        code, out, err = nonet("report", self.path, *(part for kind, path in outputs.items() for part in (f"--{kind}", path)))
        assert (code, out, err) == (0, "", "")
        self.text = {kind: path.read_text(encoding="utf-8") for kind, path in outputs.items()}
        code, self.text["terminal"], err = nonet("report", self.path, env={"COLUMNS": "110", "LC_ALL": "C.UTF-8"})
        assert (code, err) == (0, "")


@pytest.fixture(scope="module", params=CASES)
def made(request, tmp_path_factory):
    return Made(tmp_path_factory.mktemp("reports"), request.param), request.param


def test_made_documents_are_evidence(made):
    document, _ = made
    problems = [error.message for error in schema().iter_errors(document.evidence)]
    assert not problems
    assert strict_json(document.text["json"]) == document.evidence


# ---- the page ----


class Page(html.parser.HTMLParser):
    """Elements with their attributes; rows of estimates and gates with their numbers; every <data>."""

    VOID = {"meta", "br", "img", "input", "link", "line", "circle"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.elements, self.numbers, self.rows, self.ids = [], [], [], [], []
        self.row = self.cell = self.value = self.fold = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in self.VOID:
            self.stack.append((tag, attributes))
        if tag == "details" and "by" in attributes.get("class", ""):
            self.fold = ""
        if tag == "tr":
            self.row = {"class": attributes.get("class", ""), "name": "", "fold": self.fold, "cells": []}
        if tag == "td" and self.row is not None:
            self.cell = {"label": attributes.get("data-label"), "numbers": []}
            self.row["cells"].append(self.cell)
        if tag == "data":
            self.value = [attributes["value"], ""]
        if tag == "span" and "null" in attributes.get("class", "") and self.cell is not None:
            self.cell["numbers"].append(None)

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        while self.stack and self.stack.pop()[0] != tag:
            pass
        if tag == "data":
            self.numbers.append(tuple(self.value))
            if self.cell is not None:
                self.cell["numbers"].append(float(self.value[0]))
            self.value = None
        if tag == "tr":
            if self.row["cells"]:
                self.rows.append(self.row)
            self.row = self.cell = None
        if tag == "td":
            self.cell = None
        if tag == "details" and not any("by" in a.get("class", "") for t, a in self.stack if t == "details"):
            self.fold = None

    def handle_data(self, data):
        if self.value is not None:
            self.value[1] += data
        inside = [tag for tag, _ in self.stack]
        classes = " ".join(a.get("class", "") for _, a in self.stack)
        if "summary" in inside and "code" in inside and "th" not in inside and self.fold is not None:
            self.fold += data
        if self.row is not None and "th" in inside and "more" not in classes and "title" not in classes and "unit" not in classes:
            self.row["name"] += data


def all_numbers(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from all_numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from all_numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def shows(shown, value):
    """Is `shown` this value, rounded to its own digits? Per cent is of a log ratio, of either direction."""
    text = shown.replace(",", "").replace("+", "")
    if text.endswith(" %"):
        return any(shows(text[:-2], 100 * percent) for percent in (math.expm1(value), -math.expm1(-value)))
    mantissa, _, exponent = text.partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(float(text) - value) <= 0.5000001 * unit + 1e-12 * abs(value)


def test_every_number_of_the_page_is_the_evidence(made):
    document, _ = made
    page = Page(document.text["html"].partition("<script>")[0])
    known = set(all_numbers(document.evidence))
    for value, shown in page.numbers:
        assert float(value) in known, f"{value} ({shown}) is not in the evidence"
        assert shows(shown, float(value)), f"{shown} is not {value}"


def scope_words(scope):
    if scope["kind"] == "all":
        return ""
    words = [f"{column}={'null' if value is None else value}" for column, value in scope.get("by", {}).items()]
    if "class" in scope:
        words.append(f"class {scope['class']}")
    if scope["kind"] == "slice":
        return f"where {scope['where']}"
    return ", ".join(words) or f"over {scope['column']}"


def clean(text):
    """As the page shows it: what XML cannot hold and what turns the direction of reading is U+FFFD."""
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", "\ufffd", text)
    return " ".join(text.split())


def triple(estimate):
    if estimate is None:
        return [None]
    numbers = [estimate["value"]]
    exact = estimate["method"] == "exact" or (estimate["low"] is not None and estimate["low"] == estimate["high"])
    if not exact and (estimate["low"] is not None or estimate["high"] is not None):
        numbers += [estimate["low"], estimate["high"]]
    return numbers


def is_blank(candidate, estimates):
    """A measure over all rows without a number for any role stands among what was not measured, by its first note."""
    scope = make_evidence.canonical(candidate["scope"])
    values = [estimates.get((candidate["measure"], role, scope), {}).get("value") for role in ("candidate", "baseline", "difference")]
    return candidate["scope"]["kind"] == "all" and bool(candidate["notes"]) and values == [None] * 3


def test_a_measure_without_a_number_has_its_reason(made):
    document, name = made
    estimates = {(e["measure"], e["role"], make_evidence.canonical(e["scope"])): e for e in document.evidence["estimates"]}
    blank = [e for e in document.evidence["estimates"] if e["role"] == "candidate" and is_blank(e, estimates)]
    assert blank or name != "nulls"
    for estimate in blank:
        for kind in ("html", "terminal", "markdown"):
            assert clean(estimate["notes"][0])[:30] in clean(document.text[kind].partition("Not measured")[2]), kind


def test_every_estimate_stands_in_its_row(made):
    document, _ = made
    page = Page(document.text["html"].partition("<script>")[0])
    rows = {}
    for row in page.rows:
        if "gate" not in row["class"] and any(cell["label"] == "n" for cell in row["cells"]):
            name = clean(row["name"])
            key = (clean(row["fold"]), name) if row["fold"] is not None else tuple((name + " ").split(" ", 1))
            assert key not in rows, f"two rows of {key}"
            rows[tuple(part.strip() for part in key)] = {cell["label"]: cell["numbers"] for cell in row["cells"]}
    estimates = {(e["measure"], e["role"], make_evidence.canonical(e["scope"])): e for e in document.evidence["estimates"]}
    candidates = [e for e in document.evidence["estimates"] if e["role"] == "candidate" and not is_blank(e, estimates)]
    is_paired = any(e["role"] == "baseline" for e in document.evidence["estimates"])
    assert len(rows) == len(candidates)
    for candidate in candidates:
        row = rows[candidate["measure"], clean(scope_words(candidate["scope"]))]
        scope = make_evidence.canonical(candidate["scope"])
        assert row["Candidate" if is_paired else "Value"] == triple(candidate)
        assert row["n"] == [candidate["n"]]
        if is_paired:
            assert row["Baseline"] == triple(estimates.get((candidate["measure"], "baseline", scope)))
            assert row["Difference"] == triple(estimates.get((candidate["measure"], "difference", scope)))


def test_every_gate_stands_in_the_forest(made):
    document, _ = made
    page = Page(document.text["html"].partition("<script>")[0])
    found = sorted((tuple(n for n in row["cells"][2]["numbers"] if n is not None)) for row in page.rows if "gate" in row["class"])
    expected = []
    for gate in document.evidence["judgements"]:
        source, key = gate, "difference"
        if gate["kind"] == "requirement" and gate["scale"] != "value":
            source = next(e for e in document.evidence["estimates"] if (e["measure"], e["role"], e["scope"]) == (gate["measure"], "candidate", gate["scope"]))
            key = "value"
        exact = source["method"] == "exact" or (source["low"] is not None and source["low"] == source["high"])
        numbers = [source[key]] if exact else [source[key], source["low"], source["high"]]
        if gate["kind"] != "requirement" and gate["margin_stated"] is None:
            numbers.append(gate["margin"])
        expected.append(tuple(n for n in numbers if n is not None))
    assert found == sorted(expected)


def test_page_is_whole_small_and_ours(made):
    document, name = made
    text = document.text["html"]
    assert len(text.encode()) < MOST_BYTES
    head, _, rest = text.partition("<script>")
    page = Page(head)
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == 1  # the curves, as data; ours follows
    assert rest.count("</script>") == 1
    assert not {"img", "iframe", "link", "object", "b-tag"} & set(tags)
    assert not [a for _, attributes in page.elements for a in attributes if a.startswith("on")]
    assert not [a for _, attributes in page.elements for a in ("src", "srcset") if a in attributes]
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert all(link.startswith("#") and link[1:] in page.ids for link in links)
    assert len(page.ids) == len(set(page.ids))
    json.loads(re.search(r"id=curves>(.*?)</script>", head, re.DOTALL).group(1))
    if name == "wide":
        assert len(page.rows) > 9 * 50


def test_same_words_everywhere(made):
    """The verdict, every reason and every gate's state stand in all formats for people."""
    document, name = made
    if name == "hostile" or document.evidence["run"]["command"] == "measure":
        return
    state = document.evidence["verdict"]["state"]
    for kind in ("terminal", "markdown", "html", "card"):
        text = re.sub(r"\\([\\`*_\[\]|~])", r"\1", document.text[kind].partition("<script>")[0])
        text = " ".join(text.split())
        assert (state if state != "NONE" or kind != "html" else "NOT JUDGED") in text
        for reason in document.evidence["verdict"]["because"]:
            assert reason.replace(">=", "&gt;=" if kind in ("html", "markdown", "card") else ">=") in text, f"{kind}: {reason}"
        for gate in document.evidence["judgements"]:
            assert gate["state"] in text
    order = [document.text["terminal"].find(word) for word in ("HARMED", "VIOLATED", "UNDECIDED", "SAFE") if word in document.text["terminal"]]
    assert order == sorted(order) or name == "requirements"


# ---- the formats for machines ----


def test_junit_counts_its_cases(made):
    document, _ = made
    root = ElementTree.fromstring(document.text["junit"])
    suite = root.find("testsuite")
    cases = suite.findall("testcase")
    assert len(cases) == len(document.evidence["judgements"]) + 1
    counted = {"tests": len(cases), "failures": len(suite.findall("testcase/failure")), "skipped": len(suite.findall("testcase/skipped")), "errors": 0}
    assert {key: int(suite.get(key)) for key in counted} == counted
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)
    failed = sum(gate["state"] in ("HARMED", "VIOLATED") for gate in document.evidence["judgements"])
    failed += document.evidence["verdict"]["state"] in ("FAIL", "INCONCLUSIVE")
    assert counted["failures"] == failed


def test_sarif_is_sarif(made):
    document, _ = made
    sarif = strict_json(document.text["sarif"])
    standard = json.loads((GOLDEN / "sarif-2.1.0-rtm.5.json").read_text())
    problems = [f"{list(e.absolute_path)}: {e.message}" for e in jsonschema.Draft4Validator(standard).iter_errors(sarif)]
    assert not problems
    run = sarif["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert ("level" in result) == (result["kind"] == "fail")  # 3.27.10
    bad = [gate for gate in document.evidence["judgements"] if gate["state"] not in ("SAFE", "MET")]
    assert len(run["results"]) == len(bad) + len(document.evidence["findings"])
    prints = [result["partialFingerprints"]["nonet/v1"] for result in run["results"]]
    assert len(prints) == len(set(prints))


def test_markdown_tables_are_tables(made):
    document, _ = made
    for kind in ("markdown", "card"):
        columns = None
        is_code = False
        for line in document.text[kind].split("\n"):
            is_code ^= line.startswith("```")
            if line.startswith("|") and not is_code:
                n = len(re.findall(r"(?<!\\)\|", line))
                assert columns in (None, n), line
                columns = n
            else:
                columns = None
        prose = re.sub(r"^(`{3,})sh\n.*?^\1$", "", document.text[kind], flags=re.DOTALL | re.MULTILINE)
        prose = re.sub(r"(`+)[^\n]*?\1", "", prose)
        assert set(re.findall(r"<(/?\w+)", prose)) <= {"details", "/details", "summary", "/summary", "sub", "/sub"}
        assert len(document.text[kind]) < 65536
        assert not re.search(r"(?<![\w`])@\w", prose)


GOLDENS = [(name, kind) for name in ("audit", "fail", "fairness", "hostile", "inconclusive", "measured", "pass", "requirements") for kind in ("terminal", "junit", "sarif", "markdown", "card")]


def test_texts_are_as_they_were(made):
    document, name = made
    for golden_name, kind in GOLDENS:
        if golden_name != name:
            continue
        path = GOLDEN / "expected" / f"{name}.{FILES.get(kind, 'txt')}"
        if os.environ.get("NONET_REFRESH"):
            path.write_text(document.text[kind], encoding="utf-8")
        assert document.text[kind] == path.read_text(encoding="utf-8"), f"{path.name} differs; NONET_REFRESH=1 writes it again"


# ---- the options ----

CRASH = ["examples/crash/predictions.parquet", "--label", "dead", "--score", "candidate", "--baseline-score", "baseline", "--only", "correctness.auc"]


def test_compare_writes_every_format_at_once(tmp_path):
    files = {kind: tmp_path / f"r.{kind}" for kind in ("html", "json", "junit", "sarif", "markdown")}
    code, out, err = nonet("compare", *CRASH, "--card", "-", *(part for kind, path in files.items() for part in (f"--{kind}", path)))
    assert code in (0, 1, 2) and err == ""
    assert out.startswith("# Model card: ")
    assert files["html"].read_text().startswith("<!doctype html>")
    assert strict_json(files["json"].read_text())["schema"] == "nonet/evidence/1"
    again = tmp_path / "again.html"
    assert nonet("report", files["json"], "--html", again) == (0, "", "")
    assert again.read_bytes() == files["html"].read_bytes()


def test_report_reads_stdin_and_prints_one_format():
    evidence = json.dumps(make_evidence.case_pass().finish())
    code, out, err = nonet("report", "-", "--markdown", "-", stdin=evidence)
    assert (code, err) == (0, "") and out.startswith("### nonet: PASS\n")
    code, out, err = nonet("report", "-", stdin=evidence)
    assert (code, err) == (0, "") and out.startswith("PASS  real-time v1")


@pytest.mark.parametrize(
    "options, code, words",
    [
        (["--html", "-", "--junit", "-"], 64, "--html and --junit both name stdout"),
        (["--html", "x", "--card", "x"], 64, "--html and --card both name x"),
        (["--html", "EVIDENCE"], 64, "would overwrite an input"),
        (["--html", "nowhere/x.html"], 73, "nowhere"),
        (["--htlm", "x"], 64, "did you mean --html"),
    ],
)
def test_outputs_are_checked_first(tmp_path, options, code, words):
    path = tmp_path / "e.json"
    text = json.dumps(make_evidence.case_pass().finish())
    path.write_text(text)
    got, out, err = nonet("report", path, *(path if option == "EVIDENCE" else option for option in options), cwd=tmp_path)
    assert (got, out) == (code, "") and words in err
    assert [p.name for p in tmp_path.iterdir()] == ["e.json"] and path.read_text() == text


def test_what_is_no_evidence(tmp_path):
    path = tmp_path / "e.json"
    assert nonet("report", path)[0] == 66
    assert nonet("report", tmp_path)[0] == 65
    assert nonet("report")[0] == 64
    document = make_evidence.case_pass().finish()
    document["estimates"][0]["value"] = 0.99
    path.write_text(json.dumps(document))
    code, out, err = nonet("report", path, "--html", tmp_path / "x.html")
    assert (code, out) == (65, "") and "digest" in err
    assert not (tmp_path / "x.html").exists()
    path.write_text('{"schema": "nonet/evidence/1",')
    assert nonet("report", path)[0] == 65

#!/usr/bin/env python3
"""Evidence documents for the tests of reports: what a run could have written, without a run.

  make_evidence.py FOLDER        writes every case as FOLDER/NAME.json
  make_evidence.py FOLDER NAME   only that one

The numbers are made (seeded, no meaning); the shape is docs/schema/evidence-1.json, and the digest is taken as
src/evidence/evidence.c says, by this independent writing of it. Cases: pass, fail, inconclusive, requirements (met, violated,
excused), wide (50 groups x 9 attributes x 3 roles), nulls, hostile (names that are markup), measured (nothing judged), bare.
"""

import hashlib
import json
import math
import pathlib
import random
import sys

NINE = "correctness robustness efficiency scalability deployability fairness interpretability privacy security".split()
ALL = {"kind": "all"}
TITLES = {
    "correctness.auc": ("Area under the ROC curve", "higher", ""),
    "correctness.recall": ("Recall", "higher", ""),
    "correctness.precision": ("Precision", "higher", ""),
    "correctness.accuracy": ("Accuracy", "higher", ""),
    "correctness.log_loss": ("Log loss", "lower", "nats"),
    "correctness.prevalence": ("Prevalence", "none", ""),
    "correctness.roc": ("ROC curve", "none", ""),
    "correctness.pr": ("Precision-recall curve", "none", ""),
    "correctness.reliability": ("Reliability curve", "none", ""),
    "robustness.corruption_drop": ("Drop under corruption", "lower", ""),
    "efficiency.latency_p99": ("Latency, 99th percentile", "lower", "s"),
    "efficiency.artifact_bytes": ("Size of the model file", "lower", "bytes"),
    "scalability.throughput": ("Throughput", "higher", "rows/s"),
    "deployability.loads": ("Loads", "higher", ""),
    "fairness.equalized_odds_difference": ("Equalised odds difference", "lower", ""),
    "interpretability.surrogate_fidelity": ("Fidelity of a small surrogate", "higher", ""),
    "privacy.mia_auc": ("Membership inference, AUC", "lower", ""),
    "security.evasion_rate": ("Evasion rate", "lower", ""),
}


def number(value):
    """A number as src/base/text.c writes it."""
    if isinstance(value, int):
        return str(value)
    for digits in (15, 16, 17):
        text = f"{value:.{digits}g}"
        if float(text) == value:
            break
    return text if any(c in text for c in ".e") else text + ".0"


def canonical(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return "{" + ",".join(f"{canonical(k)}:{canonical(value[k])}" for k in sorted(value, key=lambda k: k.encode())) + "}"


def is_timed(row):
    return row.get("measure", "").startswith(("efficiency.", "scalability.")) and row.get("method") != "exact"


def digest(document):
    parts = ("estimates", "curves", "judgements", "findings")
    text = "".join(f'"{part}":[' + ",".join(canonical(row) for row in document[part] if not is_timed(row)) + "]" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


class Document:
    def __init__(self, command="check", seed=1):
        self.random = random.Random(seed)
        self.estimates, self.curves, self.judgements, self.findings = [], [], [], []
        self.actions, self.skipped, self.ids = [], [], set()
        self.command = command
        self.config = {"task": "binary", "label": "dead", "positive": "1", "score": ["candidate"], "baseline_score": ["baseline"],
                       "threshold": 0.5, "groups": ["sex", "age_band"], "cluster": "case_id"}
        self.data = [{"role": "test", "source": "examples/crash/predictions.parquet", "rows": 8226, "rows_used": 8214,
                      "sha256": "ab" * 32, "left_out": {"label_null": 12, "invalid": 0}}]
        self.models = [
            {"role": "candidate", "kind": "onnx", "path": "models/boost-7.onnx", "sha256": "12" * 32, "runtime": "onnxruntime 1.32.0", "batch": 4096},
            {"role": "baseline", "kind": "onnx", "path": "models/logit-3.onnx", "sha256": "34" * 32, "runtime": "onnxruntime 1.32.0", "batch": 4096}]
        self.verdict = {"state": "NONE", "context": None, "context_version": None, "alpha": None, "because": [], "coverage": {}, "n_needed": None}

    def estimate(self, measure, value, half, role="candidate", scope=ALL, n=8214, method="bootstrap", notes=()):
        self.ids.add(measure)
        exact = half is None
        self.estimates.append({
            "measure": measure, "attribute": measure.split(".")[0], "role": role, "scope": scope, "value": value,
            "low": None if exact or value is None else value - half, "high": None if exact or value is None else value + half * 1.07,
            "level": 0.95, "method": "exact" if exact and value is not None else method, "n": n, "n_effective": n, "notes": list(notes)})

    def trio(self, measure, candidate, baseline, half, scope=ALL, **more):
        self.estimate(measure, candidate, half, "candidate", scope, **more)
        self.estimate(measure, baseline, half * 1.1 if half is not None else None, "baseline", scope, **more)
        known = candidate is not None and baseline is not None
        self.estimate(measure, candidate - baseline if known else None, half * 0.6 if half is not None else None, "difference", scope, **more)

    def gate(self, measure, in_margins, half, state, margin=0.01, stated="0.01", tier=1, scope=ALL, **more):
        row = {"measure": measure, "scope": scope, "kind": "non_inferiority", "difference": in_margins * margin,
               "low": (in_margins - half) * margin, "high": (in_margins + half) * margin, "level": 0.9, "method": "delong", "op": None,
               "threshold": None, "margin": margin, "margin_stated": stated, "scale": "difference", "p_safe": 0.5, "p_harmed": 0.6,
               "p_harmed_adjusted": 1.0, "state": state, "reason": None, "tier": tier, "primary": False, "alpha_used": 0.05, "limit": None,
               "gain": None, "p_gain": None, "look": 1, "n_needed": None, "n_fail": None, "excused_by": None}
        row.update(more)
        self.ids.add(measure)
        self.judgements.append(row)

    def judge(self, state, because, context="regulated-decision", coverage=None, n_needed=None):
        judged = {row["measure"].split(".")[0] for row in self.judgements}
        measured = {row["attribute"] for row in self.estimates}
        cover = {a: "judged" if a in judged else "measured" if a in measured else "not_built" for a in NINE}
        cover.update(coverage or {})
        self.verdict = {"state": state, "context": context, "context_version": 1, "alpha": 0.05, "because": because, "coverage": cover,
                        "n_needed": n_needed}

    def act(self, title, why, expected, command):
        self.actions.append({"rank": len(self.actions) + 1, "title": title, "why": why, "expected": expected, "command": command})

    def basics(self):
        self.trio("correctness.auc", 0.9123456789, 0.9012345678, 0.0123456, method="delong")
        self.trio("correctness.recall", 0.6421, 0.6012, 0.0411, method="wilson")
        self.trio("correctness.precision", 0.5512, 0.5623, 0.0312, method="wilson")
        self.trio("correctness.accuracy", 0.9612, 0.9601, 0.0042, method="wilson")
        self.trio("correctness.log_loss", 0.1123, 0.1201, 0.0081, method="t")
        self.estimate("correctness.prevalence", 345 / 8214, 0.0042, method="wilson")
        self.trio("efficiency.latency_p99", 0.00312, 0.00305, 0.00011, n=40000, method="order", notes=["500 requests in each of 10 launches"])
        self.trio("efficiency.artifact_bytes", 412345.0, 20123.0, None)
        self.trio("fairness.equalized_odds_difference", 0.081, 0.077, 0.018, scope={"kind": "column", "column": "sex"}, method="max-T")

    def groups(self, measure, names, base, spread, half, column="sex"):
        for name in names:
            value = base + self.random.gauss(0, spread)
            n = self.random.randrange(60, 900)
            self.trio(measure, value, value - self.random.gauss(0.004, spread / 4), half * math.sqrt(300 / n),
                      scope={"kind": "group", "by": {column: name}}, n=n)

    def curve(self, measure, role, shape, n=101, band=0.03):
        x = [i / (n - 1) for i in range(n)]
        y = [shape(t) for t in x]
        self.ids.add(measure)
        self.curves.append({"measure": measure, "role": role, "scope": ALL, "x": x, "y": y, "low": [max(0.0, v - band) for v in y],
                            "high": [min(1.0, v + band) for v in y]})

    def plot(self):
        for role, k in (("candidate", 0.12), ("baseline", 0.16)):
            self.curve("correctness.pr", role, lambda t, k=k: 1 - (1 - 4 * k) * t ** 2 - k * t)
            self.curve("correctness.reliability", role, lambda t, k=k: t + k * math.sin(6.28 * t) / 2, n=15, band=0.05)
            self.curve("correctness.roc", role, lambda t, k=k: t ** k)

    def finish(self):
        def order(row):
            kinds = ["all", "group", "class", "column", "slice"]
            scope = row["scope"]
            return (NINE.index(row["attribute"]) if row["attribute"] in NINE else 9, row["measure"],
                    ["candidate", "baseline", "difference"].index(row["role"]), kinds.index(scope["kind"]), canonical(scope))
        self.estimates.sort(key=order)
        measures = {}
        for name in sorted(self.ids):
            title, direction, unit = TITLES.get(name.split("@")[0], (name.split(".")[1].replace("_", " ").capitalize(), "higher", ""))
            measures[name] = {"title": title, "definition": f"What {title.lower()} means, in one sentence.", "unit": unit,
                              "direction": direction, "source": "A paper (1999), section 2"}
        document = {
            "schema": "nonet/evidence/1", "tool": {"version": "0.1.0", "commit": "0123456789ab"}, "digest": "",
            "run": {"id": "7f3a01b2c3d4", "command": self.command, "started": "2026-01-02T03:04:05Z", "seconds": 12.5, "seed": 1, "threads": 2},
            "inputs": {"config": self.config, "data": self.data, "models": self.models, "machine": {"cpu": "x86-64", "cores": 2}},
            "measures": measures, "estimates": self.estimates, "curves": self.curves, "judgements": self.judgements,
            "findings": self.findings, "actions": self.actions, "verdict": self.verdict, "skipped": self.skipped,
            "timings": [{"what": "predict", "seconds": 8.25}, {"what": "measure", "seconds": 2.125}]}
        document["digest"] = digest(document)
        return document


def skip_some(made):
    made.skipped += [{"measure": "privacy.mia_auc", "reason": "not built yet"}, {"measure": "security.evasion_rate", "reason": "not built yet"},
                     {"measure": "correctness.ece", "reason": "not applicable: needs probabilities"}]


def case_inconclusive():
    made = Document()
    made.basics()
    made.plot()
    made.groups("correctness.recall", ["Female", "Male", None], 0.62, 0.08, 0.06)
    made.gate("fairness.equalized_odds_difference", -0.2, 1.25, "UNDECIDED", 0.02, "0.02", scope={"kind": "column", "column": "sex"},
              primary=True, p_safe=0.114, n_needed=10100)
    made.gate("correctness.auc", 1.11, 0.4, "SAFE", tier=2, primary=True, p_safe=1e-9, gain="IMPROVED", p_gain=0.003)
    made.gate("correctness.recall", 0.3, 1.6, "UNDECIDED", 0.03, "0.03", tier=2, p_safe=0.07, n_needed=9300)
    made.gate("efficiency.latency_p99", -0.24, 0.35, "SAFE", 0.0953101798, "10%", tier=3, scale="log_ratio", primary=True, p_safe=0.0002, method="t over launches")
    made.judge("INCONCLUSIVE", ["Nothing proven worse; 2 of 4 gates undecided", "Proven better: correctness.auc by 0.0111 (0.0071 to 0.0151)",
                                "Judged on 8,214 rows; the two models are taken as fixed: retraining and shift are not in the intervals"],
               n_needed=10114)
    made.act("Label about 1,900 more rows, 400 of them sex=Female", "fairness.equalized_odds_difference cannot be told from a harm of 0.02",
             "PASS in 80 % of cases if the models are equal", "nonet label suggest --pool pool.parquet -n 400")
    made.act("Compare latency again on the target machine", "this machine is shared", "a narrower interval", None)
    made.findings.append({"id": "data.imbalance", "attribute": "data", "severity": "warning", "title": "Few positives among age<25",
                          "evidence": "14 deaths: recall is known to ±0.26", "hurts": ["correctness", "robustness"], "where": {"age_band": "<25"}})
    skip_some(made)
    return made


def case_pass():
    made = Document()
    made.basics()
    made.plot()
    made.groups("correctness.auc", ["Female", "Male"], 0.91, 0.01, 0.02)
    made.gate("correctness.auc", 1.11, 0.4, "SAFE", primary=True, p_safe=1e-9, gain="GAINED", p_gain=0.003)
    made.gate("correctness.recall", 0.6, 0.9, "SAFE", 0.03, "0.03", p_safe=0.004)
    made.gate("fairness.equalized_odds_difference", -0.1, 0.6, "SAFE", 0.02, "0.02", tier=2, primary=True, scope={"kind": "column", "column": "sex"}, p_safe=0.02)
    made.gate("efficiency.latency_p99", -0.24, 0.35, "SAFE", 0.0953101798, "10%", tier=3, scale="log_ratio", primary=True, p_safe=0.0002)
    made.judge("PASS", ["No gated measure is worse than its margin (4 of 4 proven at alpha 0.05)", "Proven better: correctness.auc by 0.0111 (0.0071 to 0.0151)"],
               "real-time")
    skip_some(made)
    return made


def case_fail():
    made = Document()
    made.basics()
    made.plot()
    made.groups("correctness.recall", ["Female", "Male"], 0.6, 0.05, 0.06)
    made.gate("correctness.auc", 1.11, 0.4, "SAFE", tier=2, primary=True, p_safe=1e-9, gain="IMPROVED", p_gain=0.003)
    made.gate("correctness.recall", -2.4, 0.8, "HARMED", 0.03, "0.03", tier=1, p_safe=1.0, p_harmed=1e-5, p_harmed_adjusted=5e-5, primary=True)
    made.gate("efficiency.latency_p99", 4.4, 0.9, "SAFE", 0.0953101798, "10%", tier=3, scale="log_ratio", primary=True, p_safe=1e-12, gain="GAINED", p_gain=1e-9)
    made.judge("FAIL", ["correctness.recall is worse than its margin 0.03: difference -0.072 (-0.096 to -0.048), adjusted p 5e-05",
                        "efficiency.latency_p99 is better by 42 %: it excuses nothing, being of a lower tier"], "safety-critical")
    made.act("Lower the threshold of the candidate to 0.41", "recall is bought back with precision, which no gate holds", "recall as the baseline's",
             "nonet check --context safety-critical nonet.yaml")
    skip_some(made)
    return made


def case_requirements():
    made = case_pass()
    made.gate("correctness.auc", None or 0.0, 0.0, "MET", kind="requirement", op=">=", threshold=0.85, margin=1.0, margin_stated=">= 0.85", p_safe=1e-9)
    made.gate("correctness.recall", 0.0, 0.0, "VIOLATED", kind="requirement", op=">=", threshold=0.75, margin=1.0, margin_stated=None, p_harmed_adjusted=0.0004)
    made.gate("robustness.corruption_drop", -1.4, 0.9, "EXCUSED", 0.02, "0.02", tier=3, limit=0.06, excused_by="correctness.auc")
    made.gate("privacy.mia_auc", 0.0, 0.0, "NOT_MEASURED", tier=2, difference=None, low=None, high=None, p_safe=None, p_harmed=None,
              p_harmed_adjusted=None, method=None, reason="not built yet")
    made.gate("efficiency.artifact_bytes", 0.0, 0.0, "SAFE", 0.0, "0", tier=3, difference=0.0, method="exact")
    for row in made.judgements[-5:-3]:
        row["margin"] = row["difference"] = row["low"] = row["high"] = None
    made.judge("FAIL", ["correctness.recall misses its requirement >= 0.75"], "safety-critical")
    return made


def case_wide():
    made = case_inconclusive()
    regions = [f"region {i:02d}" for i in range(1, 51)]
    for measure in ("correctness.accuracy", "robustness.corruption_drop", "efficiency.latency_p99", "scalability.throughput", "deployability.loads",
                    "fairness.equalized_odds_difference", "interpretability.surrogate_fidelity", "privacy.mia_auc", "security.evasion_rate"):
        scale = {"efficiency.latency_p99": 0.004, "scalability.throughput": 52000.0}.get(measure, 0.6)
        if not any(row["measure"] == measure and row["scope"] == ALL for row in made.estimates):
            made.trio(measure, scale, scale * 0.98, scale * 0.03)
        made.groups(measure, regions, scale, scale * 0.12, scale * 0.09, "region")
    made.judge("INCONCLUSIVE", made.verdict["because"], n_needed=10114)
    return made


def case_nulls():
    made = Document()
    made.trio("correctness.auc", None, None, 0.1, notes=["only one class among these rows"])
    made.estimate("correctness.log_loss", None, None, notes=["a true class was given p = 0"])
    made.trio("correctness.recall", 0.5, 0.5, None)
    made.estimate("correctness.recall", None, 0.1, scope={"kind": "group", "by": {"sex": None}}, n=2, notes=["no positives"])
    made.estimate("correctness.recall", 1e-12, 1e-13, scope={"kind": "group", "by": {"sex": "F"}}, n=20)
    made.estimate("correctness.recall", 1e15, 1e3, scope={"kind": "group", "by": {"sex": "M"}}, n=0)
    made.gate("correctness.auc", 0.0, 0.0, "UNDECIDED", difference=None, low=None, high=None, p_safe=None, p_harmed=None, p_harmed_adjusted=None,
              method=None, reason="only one class among these rows")
    made.judge("INCONCLUSIVE", [], n_needed=None)
    made.curves.append({"measure": "correctness.roc", "role": "candidate", "scope": ALL, "x": [0.0, None, 1.0], "y": [0.0, None, 1.0], "low": [], "high": []})
    made.ids.add("correctness.roc")
    return made


EVIL = ["<script>alert(1)</script>", "</td></table><img src=x onerror=alert(2)>", "\"' onmouseover=\"alert(3)", "a|b`c`d", "@octocat #1 **bold** [x](http://127.0.0.1/)",
        "\u202eright to left", "\u001b[31mred\u0007", "</script><!--", "line\nbreak\ttab", "=HYPERLINK(1)", "\u2028sep", "\ufffe"]


def case_hostile():
    made = Document()
    made.config.update({"label": EVIL[0], "positive": EVIL[3], "score": [EVIL[1]], "path": EVIL[2]})
    made.data[0]["source"] = EVIL[1]
    made.models[0]["path"] = EVIL[0]
    made.basics()
    made.groups("correctness.recall", EVIL, 0.6, 0.1, 0.05, EVIL[0])
    made.curve("correctness.roc", "candidate", lambda t: t ** 0.2)
    made.gate("correctness.recall", -0.5, 2.0, "UNDECIDED", 0.03, EVIL[2], scope={"kind": "group", "by": {EVIL[0]: EVIL[1]}}, reason=EVIL[7], n_needed=99)
    made.gate("correctness.auc", -5.0, 1.0, "HARMED", excused_by=EVIL[4], p_harmed_adjusted=1e-8)
    made.judge("FAIL", EVIL, EVIL[5])
    made.act(EVIL[0], EVIL[3], EVIL[4], "nonet check; echo '```' \"$(x)\" </script>")
    made.findings.append({"id": "data.odd_names", "attribute": "data", "severity": "critical", "title": EVIL[0], "evidence": EVIL[4], "hurts": [], "where": {}})
    made.skipped.append({"measure": "<b>", "reason": EVIL[1]})
    return made


def case_measured():
    made = Document("measure")
    del made.config["baseline_score"]
    made.models = []
    made.estimate("correctness.auc", 0.9123456789, 0.0123, method="delong")
    made.estimate("correctness.accuracy", 0.9612, 0.0042, method="wilson")
    made.estimate("correctness.recall", 0.6421, 0.04, method="wilson")
    made.estimate("correctness.prevalence", 345 / 8214, 0.0042, method="wilson")
    for name in ("a", "b", "c"):
        made.estimate("correctness.recall", 0.5, 0.1, scope={"kind": "class", "class": name})
    made.curve("correctness.roc", "candidate", lambda t: t ** 0.12)
    return made


def case_fairness():
    """Two sensitive columns with gates, groups too small, the data's groups by class, a slice."""
    made = Document()
    made.config["groups"] = ["sex", "race"]
    groups = {"sex": [("Female", 2700), ("Male", 5480), (None, 34)], "race": [("Black", 780), ("White", 7100), ("Other", 310), ("Tongan", 24)]}
    for column, names in groups.items():
        for place, (name, n) in enumerate(names):
            scope = {"kind": "group", "by": {column: name}}
            half = 0.9 / math.sqrt(n)
            for measure, base in (("fairness.selection_rate", 0.12), ("correctness.recall", 0.55), ("correctness.fpr", 0.05), ("correctness.precision", 0.7)):
                made.trio(measure, base + 0.03 * place, base + 0.02 * place, half, scope=scope, n=n)
            for label in ("0", "1"):
                made.estimate("data.group_by_class", 1 / math.sqrt(n), None, scope={**scope, "class": label}, n=n // (1 if label == "0" else 6))
        lowest, highest = names[0][0], names[1][0]
        notes = [f"from {lowest} 0.12 to {highest} 0.15"]
        if column == "race":
            notes.append("too small to judge: race=Tongan has 24 rows and needs 30")
        made.trio("fairness.demographic_parity_difference", 0.03, 0.02, 0.012, scope={"kind": "column", "column": column}, notes=notes)
        made.trio("fairness.equal_opportunity_difference", 0.03, 0.02, 0.05, scope={"kind": "column", "column": column}, notes=notes)
    made.estimate("correctness.worst_slice", 0.71, 0.05, scope={"kind": "slice", "where": "age < 25 and sex = Female"}, n=312)
    made.gate("fairness.demographic_parity_difference", 0.0, 0.0, "MET", kind="requirement", op="<=", threshold=0.1, difference=None,
              low=None, high=None, margin_stated="fairness.demographic_parity_difference{sex} <= 0.1", scope={"kind": "column", "column": "sex"})
    made.judgements[-1]["margin"] = None
    made.gate("fairness.no_group_worse", -0.4, 1.1, "UNDECIDED", 0.02, "0.02", primary=True, p_safe=0.2, n_needed=22000,
              reason="undecided in race=Tongan: 24 rows", method="worst-group")
    made.findings.append({"id": "data.group_by_class", "attribute": "data", "severity": "warning", "title": "Few positives in race=Tongan",
                          "evidence": "4 rows: a rate there is known to ±0.34", "hurts": ["correctness", "fairness"], "where": {"race": "Tongan"}})
    made.findings.append({"id": "data.duplicates", "attribute": "data", "severity": "info", "title": "29 rows stand twice", "evidence": "29 of 8,214 (0.35 %)",
                          "hurts": ["privacy"], "where": {}})
    made.judge("INCONCLUSIVE", ["Nothing proven worse; 1 of 2 gates undecided"], n_needed=22000)
    return made


def case_audit():
    """The same numbers, measured and not judged."""
    made = case_fairness()
    made.command = "measure"
    made.models, made.judgements = [], []
    del made.config["baseline_score"]
    made.estimates = [row for row in made.estimates if row["role"] == "candidate"]
    made.ids -= {"fairness.no_group_worse"}
    made.verdict = {"state": "NONE", "context": None, "context_version": None, "alpha": None, "because": [], "coverage": {}, "n_needed": None}
    return made


def case_bare():
    made = Document("compare")
    made.data, made.models, made.config = [], [], {}
    return made


CASES = {name[5:]: make for name, make in list(globals().items()) if name.startswith("case_")}


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or CASES:
        document = CASES[name]().finish()
        (folder / f"{name}.json").write_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

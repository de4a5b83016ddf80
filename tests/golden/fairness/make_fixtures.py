"""Group fairness of fixed decisions on adult, COMPAS and German credit by fairlearn and AIF360.

    python make_fixtures.py FOLDER      # adult.parquet, compas.parquet, german_credit.parquet as published

Writes NAME.csv (the table of groups, label, decision and count: all that group fairness of decisions reads) and
expected.json. The decisions: COMPAS, the deployed model's own (decile_score >= 5, ProPublica's "medium or high");
adult, ten or more years of education beyond primary school (education_num >= 13); German credit, an amount above 4,000
is refused. Needs fairlearn 0.15, aif360 0.6.1.

fairlearn is asked about the groups of at least 30 rows (nonet names smaller ones and leaves them out of gaps); AIF360's
individual indices are over all rows. AIF360's differences are unprivileged minus privileged and signed: where a column
has two groups their absolute value is the gap.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from aif360.datasets import BinaryLabelDataset
from aif360.metrics import ClassificationMetric
from fairlearn import metrics as fl
from sklearn.metrics import accuracy_score, precision_score

HERE = Path(__file__).parent
SETS = {
    "adult": ("income_gt_50k", lambda t: t.education_num >= 13, ["sex", "race"]),
    "compas": ("two_year_recid", lambda t: t.decile_score >= 5, ["sex", "race"]),
    "german_credit": ("bad_credit", lambda t: t.credit_amount > 4000, ["sex", "foreign_worker"]),
}


def by_fairlearn(t, column):
    big = t[t.groupby(column)[column].transform("size") >= 30]
    y, p, g = big.label, big.decision, big[column]

    def gap(function):
        return float(fl.MetricFrame(metrics=function, y_true=y, y_pred=p, sensitive_features=g).difference())

    def npv(y_true, y_pred):
        return precision_score(1 - y_true, 1 - y_pred)

    return {
        "fairness.demographic_parity_difference": float(fl.demographic_parity_difference(y, p, sensitive_features=g)),
        "fairness.demographic_parity_ratio": float(fl.demographic_parity_ratio(y, p, sensitive_features=g)),
        "fairness.equalized_odds_difference": float(fl.equalized_odds_difference(y, p, sensitive_features=g)),
        "fairness.equal_opportunity_difference": float(fl.equal_opportunity_difference(y, p, sensitive_features=g)),
        "fairness.fpr_gap": gap(fl.false_positive_rate),
        "fairness.fnr_gap": gap(fl.false_negative_rate),
        "fairness.predictive_parity": gap(precision_score),
        "fairness.fdr_gap": gap(lambda a, b: 1 - precision_score(a, b)),
        "fairness.for_gap": gap(lambda a, b: 1 - npv(a, b)),
        "fairness.accuracy_gap": gap(accuracy_score),
    }


def by_aif360(t, column):
    codes, _ = pd.factorize(t[column], sort=True)

    def made(of):
        frame = pd.DataFrame({"g": codes.astype(float), "label": of.astype(float)})
        return BinaryLabelDataset(df=frame, label_names=["label"], protected_attribute_names=["g"])

    n = len(set(codes))
    metric = ClassificationMetric(
        made(t.label), made(t.decision), unprivileged_groups=[{"g": k} for k in range(1, n)], privileged_groups=[{"g": 0}]
    )
    out = {
        "individual": {
            "fairness.generalized_entropy": float(metric.generalized_entropy_index(alpha=2)),
            "fairness.theil": float(metric.theil_index()),
        },
        "column": {"fairness.between_group": float(metric.between_all_groups_generalized_entropy_index(alpha=2))},
    }
    if n == 2:
        out["column"] |= {
            "fairness.demographic_parity_difference": abs(float(metric.statistical_parity_difference())),
            "fairness.equal_opportunity_difference": abs(float(metric.equal_opportunity_difference())),
            "fairness.fpr_gap": abs(float(metric.false_positive_rate_difference())),
            "fairness.fnr_gap": abs(float(metric.false_negative_rate_difference())),
            "fairness.fdr_gap": abs(float(metric.false_discovery_rate_difference())),
            "fairness.for_gap": abs(float(metric.false_omission_rate_difference())),
        }
    return out


def main(folder):
    expected = {"fairlearn": version("fairlearn"), "aif360": version("aif360"), "numpy": np.__version__, "cases": []}
    for name, (label, decide, columns) in SETS.items():
        t = pd.read_parquet(Path(folder) / f"{name}.parquet")
        t = t.assign(label=t[label].astype(int), decision=decide(t).astype(int))
        t = t.assign(**{c: t[c].astype(str) for c in columns})[[*columns, "label", "decision"]]
        counts = t.groupby([*columns, "label", "decision"]).size().rename("count").reset_index()
        counts.to_csv(HERE / f"{name}.csv", index=False)
        for column in columns:
            mine = by_aif360(t, column)
            for measure, value in by_fairlearn(t, column).items():
                expected["cases"].append([name, column, measure, value, "fairlearn"])
            for measure, value in mine["column"].items():
                expected["cases"].append([name, column, measure, value, "aif360"])
            if column == columns[0]:
                for measure, value in mine["individual"].items():
                    expected["cases"].append([name, None, measure, value, "aif360"])
    text = json.dumps(expected, indent=1)
    (HERE / "expected.json").write_text(text + "\n")


main(sys.argv[1])

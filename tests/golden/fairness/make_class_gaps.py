"""Gaps of one class against the rest by fairlearn: `python make_class_gaps.py` writes class_gaps.csv and class_gaps.json.

The rows are drawn here: three classes, four groups of 40 to 500 rows, a model that serves them unequally.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from fairlearn import metrics as fl
from sklearn.metrics import precision_score

HERE = Path(__file__).parent


def main():
    dice = np.random.default_rng(505)
    rows = []
    for group, n, right in (("a", 500, 0.8), ("b", 300, 0.7), ("c", 120, 0.6), ("d", 40, 0.75)):
        for _ in range(n):
            label = str(dice.choice(["low", "mid", "high"], p=[0.5, 0.3, 0.2]))
            other = str(dice.choice([c for c in ("low", "mid", "high") if c != label]))
            rows.append((group, label, label if dice.random() < right else other))
    t = pd.DataFrame(rows, columns=["g", "label", "prediction"])
    t.to_csv(HERE / "class_gaps.csv", index=False)
    expected = {"fairlearn": version("fairlearn")}
    for c in ("low", "mid", "high"):
        y, z, g = (t.label == c).astype(int), (t.prediction == c).astype(int), t.g
        frame = fl.MetricFrame(
            metrics={
                "fpr_gap": fl.false_positive_rate,
                "fnr_gap": fl.false_negative_rate,
                "predictive_parity": lambda a, b: precision_score(a, b),
            },
            y_true=y,
            y_pred=z,
            sensitive_features=g,
        )
        of = {name: float(value) for name, value in frame.difference().items()}
        of["equal_opportunity_difference"] = float(fl.equal_opportunity_difference(y, z, sensitive_features=g))
        of["equalized_odds_difference"] = float(fl.equalized_odds_difference(y, z, sensitive_features=g))
        expected[c] = of
    (HERE / "class_gaps.json").write_text(json.dumps(expected, indent=1) + "\n")


main()

"""Cross-group AUCs by scikit-learn: `python make_cross_auc.py` writes cross_auc.csv and cross_auc.json beside itself.

BPSN of a group: roc_auc_score of the group's negatives and the positives of all other groups; BNSP: of its positives and
their negatives (Borkan et al. 2019, as in Jigsaw's `compute_bpsn_auc`). The rows are drawn here, with ties and weights.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

HERE = Path(__file__).parent


def main():
    dice = np.random.default_rng(20191)
    n = 900
    t = pd.DataFrame({"g": dice.choice(["a", "b", "c", "d"], n, p=[0.5, 0.3, 0.15, 0.05]), "w": dice.integers(1, 5, n)})
    t["y"] = (dice.random(n) < 0.4).astype(int)
    shift = t.g.map({"a": 0.0, "b": 0.1, "c": -0.15, "d": 0.05})
    t["p"] = np.clip(np.round(0.35 + 0.3 * t.y + shift + dice.normal(0, 0.2, n), 2), 0.01, 0.99)
    t.to_csv(HERE / "cross_auc.csv", index=False)
    expected = {"scikit-learn": version("scikit-learn")}
    for weighted in (False, True):
        for name, side in (("bpsn", 0), ("bnsp", 1)):
            of = {}
            for g in sorted(t.g.unique()):
                rows = t[((t.g == g) & (t.y == side)) | ((t.g != g) & (t.y != side))]
                of[g] = float(roc_auc_score(rows.y, rows.p, sample_weight=rows.w if weighted else None))
            expected[name + ("_weighted" if weighted else "")] = of
    (HERE / "cross_auc.json").write_text(json.dumps(expected, indent=1) + "\n")


main()

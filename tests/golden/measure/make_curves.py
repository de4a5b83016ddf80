"""Writes curves_golden.h: rows and the points that scikit-learn and statsmodels give for their curves.

Run: python make_curves.py (needs numpy, scikit-learn and statsmodels); versions are written into the header.

roc and pr of `tied` (fewer than 200 thresholds: every point is drawn), with and without weights; of `fine` (300 thresholds: the
rule of thinning applied to scikit-learn's points); reliability of `fine` (300 distinct p, 15 groups of 20: any rule of equal mass
gives these). Bands: Wilson from statsmodels; of roc written out from its definition over all of scikit-learn's points.
"""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import sklearn
import statsmodels
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve, roc_curve
from statsmodels.stats.proportion import proportion_confint

HERE = Path(__file__).resolve().parent
rng = np.random.default_rng(31)
n = 300
label = (rng.random(n) < 0.35).astype(int)
tied = np.round(np.clip(0.25 * label + rng.random(n) * 0.75, 0, 1), 2)
weight = rng.integers(1, 40, n) / 8.0
fine = np.clip(0.2 * label + 0.8 * rng.random(n), 0, 1)
assert len(set(np.floor(fine * 65536))) == n  # one micro-bin each
N, P = int((label == 0).sum()), int((label == 1).sum())


def roc_band(fpr, tpr):
    """Both empirical distributions within e of the true ones, each with probability sqrt(.95)."""
    reach, slack = (np.sqrt(np.log(2 / (1 - np.sqrt(0.95))) / (2 * k)) for k in (N, P))
    low = [max(0.0, tpr[fpr >= x - reach].min() - slack) for x in fpr]
    high = [min(1.0, tpr[fpr <= x + reach].max() + slack) for x in fpr]
    return np.array(low), np.array(high)


def pr(score, weights=None):
    """In order of falling threshold; without scikit-learn's point (0, 1), which no threshold has; the start repeats the first."""
    precision, recall, _ = precision_recall_curve(label, score, sample_weight=weights)
    precision, recall = precision[:-1][::-1], recall[:-1][::-1]
    return np.r_[0.0, recall], np.r_[precision[0], precision]


def thinned(fpr, tpr, most=200):
    """Indices: the start, each point where the way (TPR + FPR)/2 reaches the next multiple of 1/(most - 2), and the end."""
    keep, passed = [0], 0
    for i in range(1, len(fpr)):
        way = (Fraction(round(tpr[i] * P), P) + Fraction(round(fpr[i] * N), N)) / 2
        multiples = int(way * (most - 2))
        if multiples > passed or i == len(fpr) - 1:
            keep.append(i)
            passed = multiples
    return keep


out = {}
for name, score in (("tied", tied), ("fine", fine)):
    fpr, tpr, _ = roc_curve(label, score, drop_intermediate=False)
    low, high = roc_band(fpr, tpr)
    keep = thinned(fpr, tpr) if len(fpr) > 200 else list(range(len(fpr)))
    out[f"{name}_roc"] = [v[keep] for v in (fpr, tpr, low, high)]
    x, y = pr(score)
    tp = np.round(x * P)
    entered = np.round(np.divide(tp, y, out=np.zeros_like(y), where=y > 0))
    for i in range(1, len(x)):  # precision 0: the rows entered are those above the threshold
        if y[i] == 0:
            entered[i] = (score >= np.sort(np.unique(score))[::-1][i - 1]).sum()
    low, high = proportion_confint(tp[1:], entered[1:], 0.05, "wilson")
    if len(x) == len(fpr):
        keep = [k for k in keep if k < len(x)]
    out[f"{name}_pr"] = [v[keep] for v in (x, y, np.r_[low[0], low], np.r_[high[0], high])]
fpr, tpr, _ = roc_curve(label, tied, sample_weight=weight, drop_intermediate=False)
x, y = pr(tied, weight)
out["weighted_roc"] = [fpr, tpr]
out["weighted_pr"] = [x, y]
share, mean = calibration_curve(label, fine, n_bins=15, strategy="quantile")
low, high = proportion_confint(np.round(share * 20), np.full(15, 20), 0.05, "wilson")
out["fine_reliability"] = [mean, share, low, high]


def array(kind, name, data, form):
    return f"static const {kind} {name}[] = {{{', '.join(form % v for v in data)}}};\n"


text = "/* Made by make_curves.py; do not edit. Python %s, numpy %s, scikit-learn %s, statsmodels %s. */\n" % (
    sys.version.split()[0], np.__version__, sklearn.__version__, statsmodels.__version__)
text += "/* clang-format off */\n#include <stdint.h>\n" + f"enum {{ curves_n = {n} }};\n"
text += array("uint32_t", "curves_label", label, "%d")
for name, data in (("tied", tied), ("fine", fine), ("weight", weight)):
    text += array("double", f"curves_{name}", data, "%.17g")
for name, columns in out.items():
    for axis, data in zip(("x", "y", "low", "high"), columns):
        text += array("double", f"{name}_{axis}", data, "%.17g")
(HERE / "curves_golden.h").write_text(text)
print({k: len(v[0]) for k, v in out.items()})

"""Writes stats_b.h: data with ties and the values that SciPy, scikit-learn and pROC give for them.

Run: python make.py (needs numpy, scipy, scikit-learn, and Rscript with pROC); versions are written into the header.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import scipy
import scipy.stats
import sklearn
from sklearn import metrics

HERE = Path(__file__).resolve().parent
rng = numpy.random.default_rng(20)
n = 300
label = (rng.random(n) < 0.35).astype(int)
a = numpy.round(0.4 * label + rng.normal(size=n) * 0.5, 1)  # many ties
b = numpy.round(0.3 * label + 0.5 * a + rng.normal(size=n) * 0.5, 2)
weight = rng.integers(1, 40, n) / 8.0
p = numpy.round(1 / (1 + numpy.exp(-(a - 0.2) * 2)), 3)

R = """
suppressMessages(library(pROC))
d <- read.csv("%s")
ra <- roc(d$label, d$a, direction="<", quiet=TRUE); rb <- roc(d$label, d$b, direction="<", quiet=TRUE)
t <- roc.test(ra, rb, method="delong", paired=TRUE)
v <- c(auc_a=auc(ra), auc_b=auc(rb), var_a=var(ra), var_b=var(rb), cov_ab=cov(ra, rb), z=unname(t$statistic), p=t$p.value,
  low_a=ci.auc(ra)[1], high_a=ci.auc(ra)[3],
  pauc_sp=auc(ra, partial.auc=c(1,.8)), pauc_sp_mc=auc(ra, partial.auc=c(1,.8), partial.auc.correct=TRUE),
  pauc_se=auc(ra, partial.auc=c(1,.7), partial.auc.focus="sens"),
  pauc_se_mc=auc(ra, partial.auc=c(1,.7), partial.auc.focus="sens", partial.auc.correct=TRUE))
for (k in names(v)) cat(k, sprintf("%%.17g", v[[k]]), "\\n")
cat("version", R.version.string, "pROC", as.character(packageVersion("pROC")), "\\n")
"""

values = {}
with tempfile.TemporaryDirectory() as folder:
    table = Path(folder) / "d.csv"
    numpy.savetxt(table, numpy.c_[label, a, b], delimiter=",", header="label,a,b", comments="", fmt="%.17g")
    lines = subprocess.run(["Rscript", "-e", R % table], check=True, capture_output=True, text=True).stdout.splitlines()
for line in lines:
    name, _, rest = line.partition(" ")
    if name == "version":
        r_version = rest.strip()
    else:
        values["r_" + name] = float(rest)

fpr, tpr, _ = metrics.roc_curve(label, a, drop_intermediate=False)
precision, recall, _ = metrics.precision_recall_curve(label, a)
with numpy.errstate(invalid="ignore"):
    f1 = numpy.nan_to_num(2 * precision * recall / (precision + recall))
values |= {
    "weighted_auc": metrics.roc_auc_score(label, a, sample_weight=weight),
    "ap": metrics.average_precision_score(label, a),
    "weighted_ap": metrics.average_precision_score(label, a, sample_weight=weight),
    "ks": scipy.stats.ks_2samp(a[label == 1], a[label == 0]).statistic,
    "tpr_at_fpr_10": tpr[fpr <= 0.1].max(),
    "recall_at_precision_60": recall[:-1][precision[:-1] >= 0.6].max(),
    "precision_at_recall_50": precision[:-1][recall[:-1] >= 0.5].max(),
    "best_f1": f1[:-1].max(),
    "spearman": scipy.stats.spearmanr(a, b).statistic,
    "kendall": scipy.stats.kendalltau(a, b).statistic,
    "pearson": scipy.stats.pearsonr(a, b).statistic,
    "brier": metrics.brier_score_loss(label, p),
}


def array(kind, name, data, form):
    return f"static const {kind} {name}[{len(data)}] = {{{', '.join(form % x for x in data)}}};\n"


text = (
    "/* Made by make.py; do not edit. Python %s, numpy %s, SciPy %s, scikit-learn %s; %s. */\n"
    % (sys.version.split()[0], numpy.__version__, scipy.__version__, sklearn.__version__, r_version)
    + "/* clang-format off */\n#include <stdint.h>\n"
    + f"enum {{ golden_n = {n} }};\n"
    + array("uint8_t", "golden_label", label, "%d")
    + array("double", "golden_a", a, "%.17g")
    + array("double", "golden_b", b, "%.17g")
    + array("double", "golden_weight", weight, "%.17g")
    + array("double", "golden_p", p, "%.17g")
    + "".join(f"#define GOLDEN_{k.upper()} {v:.17g}\n" for k, v in values.items())
)
(HERE / "stats_b.h").write_text(text)

"""Make the fixtures: seeded data as CSV and Parquet, and what scikit-learn, SciPy, statsmodels and R say about them.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r requirements.txt
    /tmp/peers/bin/python make_fixtures.py        (needs Rscript with pROC and vcd)

Writes, beside itself, NAME.csv, NAME.parquet, expected.json (values nonet must give through its command line, keyed by
measure id) and kernels.json (values for the unit tests of src/stats: p.adjust, McNemar, kappa's ASE, the paired DeLong
test). No value comes from nonet. "peer": "formula" marks an independent NumPy line where no package has the measure.
"""

import json
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
import scipy.special
import scipy.stats
import sklearn
import sklearn.metrics as sk
import statsmodels
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

HERE = Path(__file__).resolve().parent
SK = f"scikit-learn {sklearn.__version__}"
SP = f"SciPy {scipy.__version__}"
SM = f"statsmodels {statsmodels.__version__}"
NP = "formula"
warnings.simplefilter("error", RuntimeWarning)


# ---------------------------------------------------------------- data


def binary(seed, digits):
    rng = np.random.default_rng(seed)
    n = 2000
    signal = rng.normal(size=n)
    y = (rng.random(n) < scipy.special.expit(1.2 * signal - 1)).astype(int)
    p = scipy.special.expit(1.5 * signal - 0.9 + 0.5 * rng.normal(size=n))
    base = scipy.special.expit(0.8 * signal - 1 + 0.6 * rng.normal(size=n))
    if digits:
        p, base = p.round(digits).clip(0.01, 0.99), base.round(digits).clip(0.01, 0.99)
    weight = rng.exponential(2.0, n).round(3)
    weight[rng.choice(n, 15, replace=False)] = 0.0
    return pd.DataFrame(
        {
            "y": y,
            "p": p,
            "base": base,
            "g": rng.choice(["north", "south", "east"], n, p=[0.5, 0.35, 0.15]),
            "w": weight,
            "cluster": rng.integers(0, 400, n),
        }
    )


def multiclass(seed):
    rng = np.random.default_rng(seed)
    n, names = 1500, np.array(list("abcd"))
    y = rng.choice(4, n, p=[0.45, 0.3, 0.15, 0.1])
    p = scipy.special.softmax(rng.normal(size=(n, 4)) + 1.4 * np.eye(4)[y] + [0.4, 0.2, 0, 0], axis=1)
    frame = pd.DataFrame(p, columns=list(names))
    frame.insert(0, "y", names[y])
    frame["w"] = rng.exponential(2.0, n).round(3)
    return frame


def regression(seed):
    rng = np.random.default_rng(seed)
    n = 1000
    y = (20 + 6 * rng.normal(size=n)).round(1)  # one digit: ties in both columns
    y[np.abs(y) < 0.05] = 0.1
    y[0] += 0.05  # a fraction, so that the label cannot be taken for an integer
    prediction = (0.8 * y + 4.5 + 3 * rng.normal(size=n)).round(1)
    base = (0.5 * y + 10 + 4 * rng.normal(size=n)).round(1)
    return pd.DataFrame(
        {"y": y, "p": prediction, "base": base, "w": rng.exponential(2.0, n).round(3), "cluster": rng.integers(0, 150, n)}
    )


# ---------------------------------------------------------------- cases


class Run:
    """One command line over one file, and the values expected from it."""

    def __init__(self, name, data, *args):
        self.record = {"name": name, "data": data, "args": list(args), "cases": []}

    def add(self, measure, value, peer, call, low=None, high=None, role="candidate", scope=None, tolerance=1e-12, note=None):
        case = {"id": "correctness." + measure, "role": role, "scope": scope or {"kind": "all"}, "value": float(value)}
        if low is not None:
            case["low"], case["high"] = float(low), float(high)
        case |= {"peer": peer, "call": call, "tolerance": tolerance}
        if note:
            case["note"] = note
        self.record["cases"].append(case)

    def rate(self, measure, hits, n, call, peer=SK, **more):
        low, high = proportion_confint(hits, n, method="wilson")
        self.add(measure, hits / n, peer, f"{call}; interval {SM} proportion_confint(method='wilson')", low, high, **more)


def mean_interval(values, cluster=None):
    """Interval of a mean, t(n - 1); with clusters the sandwich with G/(G-1), t(G - 1): an OLS on a constant."""
    fit = sm.OLS(values, np.ones(len(values)))
    if cluster is None:
        fit = fit.fit(use_t=True)
    else:
        fit = fit.fit(cov_type="cluster", cov_kwds={"groups": cluster, "df_correction": True}, use_t=True)
    return fit.conf_int()[0]


def add_rates(run, y, p, **more):
    d = p >= 0.5
    tp, fp, fn, tn = ((d & (y == 1)).sum(), (d & (y == 0)).sum(), (~d & (y == 1)).sum(), (~d & (y == 0)).sum())
    n = len(y)
    assert sk.confusion_matrix(y, d).ravel().tolist() == [tn, fp, fn, tp]
    run.rate("accuracy", tp + tn, n, "accuracy_score(y, p >= .5)", **more)
    run.rate("error_rate", fp + fn, n, "zero_one_loss(y, p >= .5)", **more)
    run.rate("precision", tp, tp + fp, "precision_score", **more)
    run.rate("recall", tp, tp + fn, "recall_score", **more)
    run.rate("specificity", tn, tn + fp, "recall_score(pos_label=0)", **more)
    run.rate("npv", tn, tn + fn, "precision_score(pos_label=0)", **more)
    run.rate("fpr", fp, tn + fp, "confusion_matrix", **more)
    run.rate("fnr", fn, tp + fn, "confusion_matrix", **more)
    run.rate("prevalence", tp + fn, n, "mean(y)", NP, **more)
    run.add("mcc", sk.matthews_corrcoef(y, d), SK, "matthews_corrcoef", **more)


def add_binary_weighted(run, y, p, w, tag):
    d = p >= 0.5
    s = {"sample_weight": w}
    for name, function in {
        "accuracy": sk.accuracy_score,
        "precision": sk.precision_score,
        "recall": sk.recall_score,
        "f1": sk.f1_score,
        "jaccard": sk.jaccard_score,
        "balanced_accuracy": sk.balanced_accuracy_score,
        "mcc": sk.matthews_corrcoef,
        "kappa": sk.cohen_kappa_score,
    }.items():
        run.add(name, function(y, d, **s), SK, f"{function.__name__}(y, p >= .5{tag})")
    run.add("f_beta@2", sk.fbeta_score(y, d, beta=2, **s), SK, f"fbeta_score(y, p >= .5, beta=2{tag})")
    run.add("average_precision", sk.average_precision_score(y, p, **s), SK, f"average_precision_score(y, p{tag})")
    run.add("brier", sk.brier_score_loss(y, p, **s), SK, f"brier_score_loss(y, p{tag})")
    note = "scikit-learn clips p to [eps, 1 - eps] and gives a finite loss where p = 0 met a true class; nonet clips nothing and gives null there. No such row here."
    run.add("log_loss", sk.log_loss(y, p, **s), SK, f"log_loss(y, p{tag})", note=note)
    auc_note = "scikit-learn sums trapezoids over float64; nonet counts pairs exactly"
    run.add("auc", sk.roc_auc_score(y, p, **s), SK, f"roc_auc_score(y, p{tag})", note=auc_note)


def calibration(run, y, p):
    logit = scipy.special.logit(p)
    slope = sm.GLM(y, sm.add_constant(logit), family=sm.families.Binomial()).fit(tol=1e-14, maxiter=200)
    level = sm.GLM(y, np.ones(len(y)), family=sm.families.Binomial(), offset=logit).fit(tol=1e-14, maxiter=200)
    why = "the peer stops iterating at about 1e-14 of the deviance, half as many digits of the coefficient"
    run.add("calibration_slope", slope.params[1], SM, "GLM(y, [1, logit p], Binomial): slope, Wald", *slope.conf_int()[1], tolerance=1e-7, note=why)
    run.add("calibration_intercept", level.params[0], SM, "GLM(y, 1, Binomial, offset=logit p), Wald", *level.conf_int()[0], tolerance=1e-7, note=why + "; in the large: slope fixed at 1")
    z = ((y - p) * (1 - 2 * p)).sum() / np.sqrt(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    run.add("spiegelhalter_z", z, NP, "sum (y-p)(1-2p) / sqrt sum (1-2p)^2 p(1-p)", tolerance=1e-11)


def binary_runs(name, frame, r):
    y, p, base, w = (frame[c].to_numpy() for c in ("y", "p", "base", "w"))
    d, e = p >= 0.5, base >= 0.5
    common = ("--label", "y", "--score", "p")
    run = Run(name, name, *common)
    add_rates(run, y, p)
    add_binary_weighted(run, y, p, None, "")
    value, low, high = r[f"{name}/auc"][1]
    run.add("auc", value, r["pROC"], r[f"{name}/auc"][0], low, high, tolerance=1e-11)
    j, low, high = sk.jaccard_score(y, d), *proportion_confint((d & (y == 1)).sum(), (d | (y == 1)).sum(), method="wilson")
    run.add("jaccard", j, SK, "jaccard_score; Wilson on TP/(TP+FP+FN)", low, high)
    run.add("f1", sk.f1_score(y, d), SK, "f1_score; F = 2J/(1+J) of the Jaccard bounds", 2 * low / (1 + low), 2 * high / (1 + high))
    run.add("informedness", sk.balanced_accuracy_score(y, d, adjusted=True), SK, "balanced_accuracy_score(adjusted=True)")
    run.add("markedness", sk.precision_score(y, d) + sk.precision_score(y, d, pos_label=0) - 1, SK, "precision + npv - 1")
    run.add("brier", sk.brier_score_loss(y, p), SK, "brier_score_loss; interval OLS on a constant, t(n-1)", *mean_interval((p - y) ** 2))
    run.add("auc_partial@0.1", r[f"{name}/auc_partial"][1][0], r["pROC"], r[f"{name}/auc_partial"][0], note="the plain area over FPR 0-.1; golden.md's first aSAH value")
    run.add("auc_partial@0.1;mcclish", r[f"{name}/auc_partial_corrected"][1][0], r["pROC"], r[f"{name}/auc_partial_corrected"][0], note="scikit-learn's roc_auc_score(max_fpr=.1) is this one")
    assert abs(sk.roc_auc_score(y, p, max_fpr=0.1) - r[f"{name}/auc_partial_corrected"][1][0]) < 1e-12
    precision, recall, _ = sk.precision_recall_curve(y, p)
    fpr, tpr, _ = sk.roc_curve(y, p, drop_intermediate=False)
    run.add("f1_best", (2 * precision * recall / np.maximum(precision + recall, 1e-300)).max(), SK, "max of 2PR/(P+R) over precision_recall_curve")
    run.add("recall_at_precision@0.6", recall[precision >= 0.6].max(), SK, "largest recall of precision_recall_curve with precision >= .6")
    run.add("precision_at_recall@0.8", precision[recall >= 0.8].max(), SK, "largest precision of precision_recall_curve with recall >= .8")
    run.add("tpr_at_fpr@0.1", tpr[fpr <= 0.1].max(), SK, "largest tpr of roc_curve with fpr <= .1: an operating point, no interpolation")
    calibration(run, y, p)
    if name == "binary_smooth":
        unique_only(run, y, p)
    else:
        murphy(run, y, p)
    weighted = Run(name + "_weighted", name, *common, "--weight", "w")
    add_binary_weighted(weighted, y, p, w, ", sample_weight=w")
    groups = Run(name + "_groups", name, *common, "--group", "g")
    for g, rows in frame.groupby("g"):
        scope = {"kind": "group", "by": {"g": g}}
        gy, gp = rows["y"].to_numpy(), rows["p"].to_numpy()
        add_rates(groups, gy, gp, scope=scope)
        groups.add("auc", sk.roc_auc_score(gy, gp), SK, "roc_auc_score of the group's rows", scope=scope)
    pair = Run(name + "_pair", name, *common, "--baseline-score", "base")
    for key, role in (("auc_baseline", "baseline"), ("auc_difference", "difference")):
        value, low, high = r[f"{name}/{key}"][1]
        pair.add("auc", value, r["pROC"], r[f"{name}/{key}"][0], low, high, role=role, tolerance=1e-11)
    pair.add("accuracy", sk.accuracy_score(y, d) - sk.accuracy_score(y, e), SK, "accuracy_score(y, p >= .5) - accuracy_score(y, base >= .5)", role="difference")
    pair.add("recall", sk.recall_score(y, d) - sk.recall_score(y, e), SK, "difference of recall_score", role="difference")
    pair.add("brier", sk.brier_score_loss(y, p) - sk.brier_score_loss(y, base), SK, "difference of brier_score_loss; interval of the mean of row differences, t(n-1)", *mean_interval((p - y) ** 2 - (base - y) ** 2), role="difference", tolerance=1e-11)
    for id, hits in (("flip_rate", (d != e).sum()), ("negative_flip_rate", ((d != y) & (e == y)).sum())):
        pair.rate(id, hits, len(y), "count of rows / n", NP)
    clustered = Run(name + "_clusters", name, *common, "--cluster", "cluster")
    clustered.add("brier", sk.brier_score_loss(y, p), SM, "OLS on a constant, cov_type='cluster', t(G-1)", *mean_interval((p - y) ** 2, frame["cluster"]), tolerance=1e-11)
    return [x.record for x in (run, weighted, groups, pair, clustered)]


def murphy(run, y, p):
    """Murphy's split over the distinct forecasts (few here, because p has two digits)."""
    _, k = np.unique(p, return_inverse=True)
    n_k = np.bincount(k)
    o_k, p_k, o = np.bincount(k, y) / n_k, np.bincount(k, p) / n_k, y.mean()
    run.add("brier@reliability", (n_k * (p_k - o_k) ** 2).sum() / len(y), NP, "Murphy 1973 over distinct p")
    run.add("brier@resolution", (n_k * (o_k - o) ** 2).sum() / len(y), NP, "Murphy 1973 over distinct p")
    run.add("brier@uncertainty", o * (1 - o), NP, "Murphy 1973")


def unique_only(run, y, p):
    """Where tied scores would make the definition a matter of taste: only for the data without ties."""
    order = np.argsort(-p)
    top = y[order[:200]]
    run.add("gain@0.1", top.sum() / y.sum(), NP, "share of the positives among the 10 % highest scores")
    run.add("lift_at@0.1", top.mean() / y.mean(), NP, "precision in the 10 % highest scores / prevalence")
    b = np.minimum((p * 10).astype(int), 9)
    n_b = np.bincount(b, minlength=10)
    gap = np.abs(np.bincount(b, y, 10) - np.bincount(b, p, 10)) / n_b
    run.add("ece@bins=10;width=equal", (n_b * gap).sum() / len(y), NP, "Guo 2017: sum n_b/n |mean y - mean p|", note="not debiased: Guo's definition; scores without ties, so none falls on an edge", tolerance=1e-9)
    run.add("mce@bins=10;width=equal", gap.max(), NP, "Guo 2017: the largest bin's gap", tolerance=1e-9)
    parts = np.array_split(np.argsort(p), 10)
    h = sum((y[i].sum() - p[i].sum()) ** 2 / (p[i].sum() * (1 - p[i].mean())) for i in parts)
    run.add("hosmer_lemeshow", h, NP, "sum (O-E)^2 / (E (1 - mean p)) over 10 groups of equal size: the statistic", tolerance=1e-11)


def multiclass_runs(frame, r):
    names = np.array(list("abcd"))
    p = frame[list(names)].to_numpy()
    y, d = frame["y"].to_numpy(), names[p.argmax(axis=1)]
    hot = (y[:, None] == names).astype(float)
    runs = []
    for suffix, w in (("", None), ("_weighted", frame["w"].to_numpy())):
        tag = ", sample_weight=w" if suffix else ""
        s = {"sample_weight": w}
        run = Run("multiclass" + suffix, "multiclass", "--label", "y", "--score", "a,b,c,d", *(("--weight", "w") if suffix else ()))
        run.add("accuracy", sk.accuracy_score(y, d, **s), SK, f"accuracy_score(y, argmax p{tag})")
        run.add("balanced_accuracy", sk.balanced_accuracy_score(y, d, **s), SK, f"balanced_accuracy_score{tag}")
        run.add("mcc", sk.matthews_corrcoef(y, d, **s), SK, f"matthews_corrcoef{tag}")
        run.add("log_loss", sk.log_loss(y, p, **s), SK, f"log_loss(y, p{tag})", note="scikit-learn clips p to [eps, 1 - eps]; no p = 0 here")
        brier = np.average(((p - hot) ** 2).sum(axis=1), weights=w)
        run.add("brier", brier, NP, "mean of sum over classes (p - onehot)^2, not halved", note="scikit-learn's brier_score_loss(scale_by_half=False) agrees; its default halves only for two classes")
        assert abs(sk.brier_score_loss(y, p, scale_by_half=False, labels=list(names), **s) - brier) < 1e-12
        run.add("kappa", sk.cohen_kappa_score(y, d, **s), SK, f"cohen_kappa_score{tag}")
        for weights in ("linear", "quadratic"):
            run.add(f"kappa@{weights}", sk.cohen_kappa_score(y, d, weights=weights, **s), SK, f"cohen_kappa_score(weights='{weights}'{tag})")
        for name, function in {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score, "jaccard": sk.jaccard_score}.items():
            for average in ("macro", "micro", "weighted"):
                run.add(f"{name}@{average}", function(y, d, average=average, **s), SK, f"{function.__name__}(average='{average}'{tag})")
            for c, value in zip(names, function(y, d, average=None, **s)):
                run.add(name, value, SK, f"{function.__name__}(average=None)['{c}']{tag}", scope={"kind": "class", "class": str(c)})
        run.add("top_k_accuracy@2", sk.top_k_accuracy_score(y, p, k=2, **s), SK, f"top_k_accuracy_score(k=2{tag})")
        run.add("auc_ovr@macro", sk.roc_auc_score(y, p, multi_class="ovr", average="macro", **s), SK, f"roc_auc_score(multi_class='ovr', average='macro'{tag})")
        if not suffix:
            run.add("auc_ovr@weighted", sk.roc_auc_score(y, p, multi_class="ovr", average="weighted"), SK, "roc_auc_score(multi_class='ovr', average='weighted')")
            run.add("auc_hand_till", sk.roc_auc_score(y, p, multi_class="ovo", average="macro"), SK, "roc_auc_score(multi_class='ovo', average='macro')")
            run.rate("accuracy", (y == d).sum(), len(y), "accuracy_score")
            for key, id in (("kappa", "kappa"), ("kappa_linear", "kappa@linear"), ("kappa_quadratic", "kappa@quadratic")):
                run.add(id, r[f"multiclass/{key}"][1][0], r["vcd"], r[f"multiclass/{key}"][0])
        runs.append(run.record)
    return runs


def regression_runs(frame):
    y, p, base, w = (frame[c].to_numpy() for c in ("y", "p", "base", "w"))
    common = ("--label", "y", "--score", "p", "--task", "regression")
    runs = []
    for suffix, weight in (("", None), ("_weighted", w)):
        tag = ", sample_weight=w" if suffix else ""
        s = {"sample_weight": weight}
        run = Run("regression" + suffix, "regression", *common, *(("--weight", "w") if suffix else ()))
        run.add("rmse", sk.root_mean_squared_error(y, p, **s), SK, f"root_mean_squared_error(y, p{tag})")
        run.add("mae", sk.mean_absolute_error(y, p, **s), SK, f"mean_absolute_error{tag}")
        run.add("bias", np.average(p - y, weights=weight), NP, "mean(p - y)", tolerance=1e-11)
        run.add("r2", sk.r2_score(y, p, **s), SK, f"r2_score{tag}")
        run.add("mape", sk.mean_absolute_percentage_error(y, p, **s), SK, f"mean_absolute_percentage_error{tag}", note="a fraction, not percent; scikit-learn divides by max(|y|, eps), no y = 0 here")
        for q in (0.5, 0.9):
            run.add(f"pinball@{q}", sk.mean_pinball_loss(y, p, alpha=q, **s), SK, f"mean_pinball_loss(alpha={q}{tag})")
        runs.append(run)
    run = runs[0]
    run.add("mae", sk.mean_absolute_error(y, p), SM, "OLS on a constant, t(n-1)", *mean_interval(np.abs(p - y)), tolerance=1e-11)
    run.add("bias", (p - y).mean(), SM, "OLS on a constant, t(n-1)", *mean_interval(p - y), tolerance=1e-11)
    run.add("median_ae", sk.median_absolute_error(y, p), SK, "median_absolute_error")
    run.add("spearman", scipy.stats.spearmanr(y, p).statistic, SP, "spearmanr")
    run.add("kendall", scipy.stats.kendalltau(y, p, variant="b").statistic, SP, "kendalltau(variant='b')")
    lin = 2 * np.cov(y, p, bias=True)[0, 1] / (y.var() + p.var() + (y.mean() - p.mean()) ** 2)
    run.add("concordance", lin, NP, "Lin 1989: 2 s_xy / (s_x^2 + s_y^2 + (mean difference)^2), variances with 1/n", tolerance=1e-11)
    pair = Run("regression_pair", "regression", *common, "--baseline-score", "base")
    rows = np.abs(p - y) - np.abs(base - y)
    pair.add("mae", rows.mean(), SM, "OLS of |p-y| - |base-y| on a constant, t(n-1)", *mean_interval(rows), role="difference", tolerance=1e-11)
    pair.add("rmse", sk.root_mean_squared_error(y, p) - sk.root_mean_squared_error(y, base), SK, "difference of root_mean_squared_error", role="difference", tolerance=1e-11)
    clustered = Run("regression_clusters", "regression", *common, "--cluster", "cluster")
    clustered.add("mae", np.abs(p - y).mean(), SM, "OLS on a constant, cov_type='cluster', t(G-1)", *mean_interval(np.abs(p - y), frame["cluster"]), tolerance=1e-11)
    return [x.record for x in (*runs, pair, clustered)]


def ask_r():
    out = subprocess.run(["Rscript", str(HERE / "peers.R"), str(HERE)], check=True, capture_output=True, text=True).stdout
    values = {}
    for line in out.splitlines():
        key, call, *rest = line.split("\t")
        if key == "version":
            values[call] = f"{call} {rest[0]}"
        else:
            values[key] = (call, [float(x) for x in rest])
    return values


def main():
    frames = {"binary_ties": binary(11, 2), "binary_smooth": binary(12, None), "multiclass": multiclass(13), "regression": regression(14)}
    for name, frame in frames.items():
        frame.to_csv(HERE / f"{name}.csv", index=False, lineterminator="\n")  # repr: every float reads back the same
        frame.to_parquet(HERE / f"{name}.parquet", compression="zstd", index=False)
    r = ask_r()
    runs = []
    for name in ("binary_ties", "binary_smooth"):
        runs += binary_runs(name, frames[name], r)
    runs += multiclass_runs(frames["multiclass"], r) + regression_runs(frames["regression"])
    peers = {"scikit-learn": sklearn.__version__, "SciPy": scipy.__version__, "statsmodels": statsmodels.__version__, "NumPy": np.__version__}
    peers |= {k: r[k].split()[-1] for k in ("R", "pROC", "vcd")}
    (HERE / "expected.json").write_text(json.dumps({"peers": peers, "runs": runs}, indent=1) + "\n")
    kernels = [{"key": k, "call": v[0], "values": v[1]} for k, v in r.items() if isinstance(v, tuple)]
    (HERE / "kernels.json").write_text(json.dumps({"peers": peers, "cases": kernels}, indent=1) + "\n")
    print(sum(len(x["cases"]) for x in runs), "values in", len(runs), "runs;", len(kernels), "kernel values")


if __name__ == "__main__":
    main()

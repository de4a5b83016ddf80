"""Makes table_golden.h: measures of random data by scikit-learn, statsmodels, SciPy and plain NumPy.

python make_table.py > table_golden.h     (versions are written into the file)
"""
import sys
import numpy as np
import scipy
import scipy.stats as st
import sklearn
import sklearn.metrics as sk
import statsmodels
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

out = []


def array(name, values, kind="double"):
    fmt = (lambda v: repr(float(v))) if kind == "double" else (lambda v: str(int(v)))
    text, line = "", ""
    for v in np.asarray(values).ravel():
        piece = fmt(v) + ", "
        if len(line) + len(piece) > 118:
            text += "    " + line.rstrip() + "\n"
            line = ""
        line += piece
    text += "    " + line.rstrip(", ") + "\n"
    out.append(f"static const {kind} {name}[] = {{\n{text}}};\n")


def rows(name, values):
    out.append(f"static const struct golden_value {name}[] = {{")
    for key, v in values:
        v = [float(x) for x in np.atleast_1d(v)] + [float("nan")] * 3
        out.append(f'    {{"{key}", {c(v[0])}, {c(v[1])}, {c(v[2])}}},')
    out.append("};\n")


def c(x):
    return "NAN" if np.isnan(x) else repr(x)


def wilson(k, n):
    lo, hi = proportion_confint(k, n, alpha=0.05, method="wilson")
    return [k / n, lo, hi]


def mean_t(x):
    m, s, n = x.mean(), x.std(ddof=1), len(x)
    t = st.t.ppf(0.975, n - 1)
    return [m, m - t * s / np.sqrt(n), m + t * s / np.sqrt(n)]


rng = np.random.default_rng(20240501)

# ---- binary ----
n = 240
y = (rng.random(n) < 0.3).astype(int)
pa = np.round(1 / (1 + np.exp(-(1.4 * (2 * y - 1) + rng.normal(size=n) - 0.3))), 6)
pb = np.round(1 / (1 + np.exp(-(1.1 * (2 * y - 1) + rng.normal(size=n) - 0.3))), 6)
w = np.round(rng.gamma(2.0, 1.0, n) + 0.1, 3)
g = rng.integers(0, 40, n)
a, b = (pa >= 0.5).astype(int), (pb >= 0.5).astype(int)
for name, v, k in [("binary_y", y, "uint32_t"), ("binary_a", a, "uint32_t"), ("binary_b", b, "uint32_t"), ("binary_cluster", g, "uint64_t"),
                   ("binary_pa", pa, "double"), ("binary_pb", pb, "double"), ("binary_w", w, "double")]:
    array(name, v, k)

tn, fp, fn, tp = sk.confusion_matrix(y, a).ravel()
fm = lambda j: 2 * j / (1 + j)
jw = wilson(tp, tp + fp + fn)


def mover(shares, factor, shift=0.0):
    shares = np.array(shares)
    theta = factor * shares[:, 0].sum() + shift
    return [theta, theta - factor * np.sqrt(((shares[:, 0] - shares[:, 1]) ** 2).sum()),
            theta + factor * np.sqrt(((shares[:, 2] - shares[:, 0]) ** 2).sum())]


kap = cohens_kappa(sk.confusion_matrix(y, a))


def fisher(v, se):
    z, h = np.arctanh(v), st.norm.ppf(0.975) * se / (1 - v * v)
    return [v, np.tanh(z - h), np.tanh(z + h)]


def mcc_se(table):
    """Delta by central differences with mpmath-free doubles of the exact formula."""
    def f(t):
        t = np.asarray(t, float)
        s, q, r = t.sum(), t.sum(0), t.sum(1)
        return (np.trace(t) * s - q @ r) / np.sqrt((s * s - q @ q) * (s * s - r @ r))
    t = table.astype(float)
    var = 0
    for i in range(t.shape[0]):
        for j in range(t.shape[1]):
            e = np.zeros_like(t)
            e[i, j] = 1e-3
            d = (8 * (f(t + e) - f(t - e)) - (f(t + 2 * e) - f(t - 2 * e))) / (12e-3)
            var += t[i, j] * d * d
    return np.sqrt(var)


lla = -np.where(y == 1, np.log(pa), np.log(1 - pa))
llb = -np.where(y == 1, np.log(pb), np.log(1 - pb))
bra, brb = (pa - y) ** 2, (pb - y) ** 2
rows("binary_single", [
    ("accuracy", wilson(tp + tn, n)), ("error_rate", wilson(fp + fn, n)), ("precision", wilson(tp, tp + fp)),
    ("recall", wilson(tp, tp + fn)), ("specificity", wilson(tn, tn + fp)), ("npv", wilson(tn, tn + fn)),
    ("fpr", wilson(fp, tn + fp)), ("fnr", wilson(fn, tp + fn)), ("prevalence", wilson(tp + fn, n)),
    ("f1", [sk.f1_score(y, a), fm(jw[1]), fm(jw[2])]), ("jaccard", [sk.jaccard_score(y, a), jw[1], jw[2]]),
    ("f_beta@2", sk.fbeta_score(y, a, beta=2)), ("f_beta@0.5", sk.fbeta_score(y, a, beta=0.5)),
    ("f_beta@beta=3;average=macro", sk.fbeta_score(y, a, beta=3, average="macro")),
    ("balanced_accuracy", mover([wilson(tp, tp + fn), wilson(tn, tn + fp)], 0.5)),
    ("informedness", mover([wilson(tp, tp + fn), wilson(tn, tn + fp)], 1, -1)),
    ("markedness", mover([wilson(tp, tp + fp), wilson(tn, tn + fn)], 1, -1)),
    ("mcc", fisher(sk.matthews_corrcoef(y, a), mcc_se(sk.confusion_matrix(y, a)))),
    ("kappa", fisher(sk.cohen_kappa_score(y, a), kap.std_kappa)),
    ("brier", mean_t(bra)), ("log_loss", sk.log_loss(y, pa)),
    ("flip_rate", wilson((a != b).sum(), n)), ("negative_flip_rate", wilson(((b == y) & (a != y)).sum(), n)),
    ("prediction_difference", mean_t(np.abs(pa - pb)))])


def raised_delta(f, y, a, b, k):
    """Raw difference; delta se on the joint table + 4/(k²(k-1)) in every discordant cell, by differences in every cell."""
    joint = np.zeros((k, k, k))
    np.add.at(joint, (y, a, b), 1)
    raw = f(joint.sum(2)) - f(joint.sum(1))
    up = joint + 4 / (k * k * (k - 1)) * (1 - np.eye(k))[None]
    var, h = 0, 1e-3
    for i in np.ndindex(k, k, k):
        def d(step):
            t = up.copy()
            t[i] += step
            return f(t.sum(2)) - f(t.sum(1))
        grad = (8 * (d(h) - d(-h)) - (d(2 * h) - d(-2 * h))) / (12 * h)
        var += up[i] * grad ** 2
    z = st.norm.ppf(0.975) * np.sqrt(var)
    return [raw, raw - z, raw + z]


def prec(t):
    return t[1, 1] / t[:, 1].sum()


def f1(t):
    return 2 * t[1, 1] / (t[:, 1].sum() + t[1].sum())


def bacc(t):
    return np.mean(np.diag(t) / t.sum(1))


def mcc(t):
    s, q, r = t.sum(), t.sum(0), t.sum(1)
    return (np.trace(t) * s - q @ r) / np.sqrt((s * s - q @ q) * (s * s - r @ r))


def kappa(t):
    s = t.sum()
    e = t.sum(0) @ t.sum(1) / s ** 2
    return (np.trace(t) / s - e) / (1 - e)


def macro_f1(t):
    return np.mean(2 * np.diag(t) / (t.sum(0) + t.sum(1)))


def tango(b, c, n):
    """Tango 1998 by its own definition: the score with the constrained estimate, inverted by bisection."""
    z = st.norm.ppf(0.975)

    def score(d):
        A, B, C = 2 * n, -b - c + (2 * n - b + c) * d, -c * d * (1 - d)
        q21 = (np.sqrt(B * B - 4 * A * C) - B) / (2 * A)
        return (b - c - n * d) / np.sqrt(n * (2 * q21 + d * (1 - d)))
    from scipy.optimize import brentq
    d = (b - c) / n
    return [d, brentq(lambda x: score(x) - z, -1 + 1e-9, d, xtol=1e-15), brentq(lambda x: score(x) + z, d, 1 - 1e-9, xtol=1e-15)]


def same(mask, wins):
    wa, wb = wins
    return tango((wa & ~wb & mask).sum(), (~wa & wb & mask).sum(), mask.sum())


every = np.ones(n, bool)
rows("binary_pair", [
    ("accuracy", same(every, (a == y, b == y))), ("error_rate", same(every, (a != y, b != y))),
    ("specificity", same(y == 0, (a == 0, b == 0))), ("fpr", same(y == 0, (a == 1, b == 1))),
    ("precision", raised_delta(prec, y, a, b, 2)), ("f1", raised_delta(f1, y, a, b, 2)),
    ("balanced_accuracy", raised_delta(bacc, y, a, b, 2)), ("mcc", raised_delta(mcc, y, a, b, 2)),
    ("kappa", raised_delta(kappa, y, a, b, 2)), ("brier", mean_t(bra - brb)),
    ("log_loss", (lla - llb).mean())])


# weighted and clustered: linearisation written out, u_i = dθ/dcount by differences
def linear(f, weights, clusters, domain, cells, k):
    t = np.zeros((k, k))
    np.add.at(t, cells, weights)
    theta = f(t)
    grad, h = np.zeros((k, k)), 1e-4
    for i in np.ndindex(k, k):
        e = np.zeros((k, k))
        e[i] = h
        grad[i] = (8 * (f(t + e) - f(t - e)) - (f(t + 2 * e) - f(t - 2 * e))) / (12 * h)
    u = grad[cells] * weights * domain
    tot = np.array([u[(clusters == q) & domain].sum() for q in np.unique(clusters[domain])])
    G = len(tot)
    return theta, G / (G - 1) * ((tot - tot.mean()) ** 2).sum(), G - 1


def wilson_t(p, n_star, df):
    t = st.t.ppf(0.975, df)
    mid, half = p + t * t / (2 * n_star), t * np.sqrt(p * (1 - p) / n_star + t * t / (4 * n_star ** 2))
    return [p, (mid - half) / (1 + t * t / n_star), (mid + half) / (1 + t * t / n_star)]


def share(f, weights, clusters, domain, sw):
    p, v, df = linear(f, weights, clusters, domain, (y, a), 2)
    return wilson_t(p, min(domain.sum(), p * (1 - p) / v), df)


def t_law(f, weights, clusters, scale=None):
    v, var, df = linear(f, weights, clusters, every, (y, a), 2)
    t, se = st.t.ppf(0.975, df), np.sqrt(var)
    if scale == "z":
        h = t * se / (1 - v * v)
        return [v, np.tanh(np.arctanh(v) - h), np.tanh(np.arctanh(v) + h)]
    return [v, v - t * se, v + t * se]


def mean_c(x, weights, clusters):
    m = (x * weights).sum() / weights.sum()
    tot = np.array([(weights * (x - m))[clusters == q].sum() for q in np.unique(clusters)]) / weights.sum()
    G = len(tot)
    h = st.t.ppf(0.975, G - 1) * np.sqrt(G / (G - 1) * (tot ** 2).sum())
    return [m, m - h, m + h]


acc = lambda t: np.trace(t) / t.sum()
rec = lambda t: t[1, 1] / t[1].sum()
for name, ww, cc in [("binary_weighted", w, np.arange(n)), ("binary_clustered", np.ones(n), g), ("binary_both", w, g)]:
    rows(name, [("accuracy", share(acc, ww, cc, every, ww)), ("recall", share(rec, ww, cc, y == 1, ww)),
                ("precision", share(prec, ww, cc, a == 1, ww)), ("mcc", t_law(mcc, ww, cc, "z")),
                ("balanced_accuracy", t_law(bacc, ww, cc)), ("log_loss", mean_c(lla, ww, cc)), ("brier", mean_c(bra, ww, cc)),
                ("f1", sk.f1_score(y, a, sample_weight=ww))])
    rows(name + "_pair", [("accuracy", mean_c((a == y) * 1.0 - (b == y), ww, cc)), ("log_loss", mean_c(lla - llb, ww, cc)),
                          ("brier", mean_c(bra - brb, ww, cc))])

# ---- multiclass ----
n, k = 300, 4
y = rng.choice(k, n, p=[0.45, 0.3, 0.15, 0.1])


def scores(strength):
    z = rng.normal(size=(n, k))
    z[np.arange(n), y] += strength
    p = np.exp(z)
    p /= p.sum(1, keepdims=True)
    return np.round(p, 5)


pa, pb = scores(1.6), scores(1.2)
a, b = pa.argmax(1), pb.argmax(1)
for name, v, kind in [("multi_y", y, "uint32_t"), ("multi_a", a, "uint32_t"), ("multi_b", b, "uint32_t"), ("multi_pa", pa, "double"),
                      ("multi_pb", pb, "double")]:
    array(name, v, kind)
cm = sk.confusion_matrix(y, a)
diag = int(np.trace(cm))
two = (np.argsort(np.argsort(-pa, 1, kind="stable"), 1)[np.arange(n), y] < 2)
two_b = (np.argsort(np.argsort(-pb, 1, kind="stable"), 1)[np.arange(n), y] < 2)
kap = cohens_kappa(cm)
ll = -np.log(pa[np.arange(n), y])
br = ((pa - np.eye(k)[y]) ** 2).sum(1)
mj = wilson(diag, n)
jf = lambda p: p / (2 - p)
rows("multi_single", [
    ("accuracy", wilson(diag, n)), ("f1@micro", wilson(diag, n)), ("recall@micro", wilson(diag, n)),
    ("jaccard@micro", [sk.jaccard_score(y, a, average="micro"), jf(mj[1]), jf(mj[2])]),
    ("f1@macro", sk.f1_score(y, a, average="macro")), ("f1@weighted", sk.f1_score(y, a, average="weighted")),
    ("precision@macro", sk.precision_score(y, a, average="macro")), ("recall@macro", sk.recall_score(y, a, average="macro")),
    ("precision@weighted", sk.precision_score(y, a, average="weighted")), ("jaccard@macro", sk.jaccard_score(y, a, average="macro")),
    ("balanced_accuracy", mover([wilson(cm[i, i], cm[i].sum()) for i in range(k)], 1 / k)),
    ("mcc", fisher(sk.matthews_corrcoef(y, a), mcc_se(cm))), ("kappa", fisher(sk.cohen_kappa_score(y, a), kap.std_kappa)),
    ("kappa@linear", fisher(sk.cohen_kappa_score(y, a, weights="linear"), cohens_kappa(cm, weights=np.arange(k), wt="linear").std_kappa)),
    ("kappa@quadratic", fisher(sk.cohen_kappa_score(y, a, weights="quadratic"), cohens_kappa(cm, weights=np.arange(k), wt="quadratic").std_kappa)),
    ("top_k_accuracy@2", wilson(int(two.sum()), n)), ("log_loss", ll.mean()), ("brier", mean_t(br)),
    ("lift_over_dummy", diag / n - cm.sum(1).max() / n),
    ("prediction_difference", mean_t(np.abs(pa - pb).sum(1) / 2))])
every = np.ones(n, bool)
rows("multi_pair", [
    ("accuracy", same(every, (a == y, b == y))), ("top_k_accuracy@2", same(every, (two, two_b))),
    ("f1@macro", raised_delta(macro_f1, y, a, b, k)), ("mcc", raised_delta(mcc, y, a, b, k)), ("kappa", raised_delta(kappa, y, a, b, k)),
    ("balanced_accuracy", raised_delta(bacc, y, a, b, k))])
cls = 2
tn, fp, fn, tp = sk.confusion_matrix(y == cls, a == cls).ravel()
rows("multi_class_2", [("precision", wilson(tp, tp + fp)), ("recall", wilson(tp, tp + fn)), ("f1", sk.f1_score(y == cls, a == cls)),
                       ("specificity", wilson(tn, tn + fp)), ("prevalence", wilson(tp + fn, n))])

print(f"/* Made by make_table.py: NumPy {np.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}, "
      f"statsmodels {statsmodels.__version__}. Value, low, high at 95 %; NAN: not compared. */")
print("#ifndef TABLE_GOLDEN_H\n#define TABLE_GOLDEN_H\n\n#include <math.h>\n#include <stdint.h>\n")
print("struct golden_value {\n  const char *id;\n  double value, low, high;\n};\n")
print("\n".join(out))
print("#endif")

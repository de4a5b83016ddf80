"""Writes fixtures.h: what SciPy, statsmodels, scikit-learn and 40-digit arithmetic say; the unit tests of src/stats compare.

    python make.py > fixtures.h

Versions used stand in the first line of the output. Random inputs come from fixed seeds.
"""
import sys
import itertools

import mpmath as mp
import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.genmod import families
from statsmodels.stats import inter_rater, multitest, proportion
import statsmodels.api as sm

mp.mp.dps = 40
rng = np.random.default_rng(20)


def number(x):
    x = float(x)
    return "INFINITY" if x == np.inf else "-INFINITY" if x == -np.inf else "NAN" if x != x else repr(x)


def array(name, rows, columns):
    print(f"static const double {name}[][{columns}] = {{")
    for row in rows:
        print("    {" + ", ".join(number(v) for v in row) + "},")
    print("};\n")


def vector(name, values):
    print(f"static const double {name}[] = {{")
    for i in range(0, len(values), 6):
        print("    " + ", ".join(number(v) for v in values[i:i + 6]) + ",")
    print("};\n")


print(f"/* Made by make.py with SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}, "
      f"scikit-learn {sklearn.__version__}, mpmath {mp.__version__}, NumPy {np.__version__}. */")

# ---- distributions, mpmath ----
def phi(x):
    return mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2


array("golden_normal", [[x, phi(x)] for x in
      [-37.0, -30.5, -20.0, -8.3, -3.1, -1.96, -0.7, -0.01, 0.0, 0.3, 1.0, 2.5, 5.0, 8.0]], 2)
array("golden_normal_quantile", [[p, mp.findroot(lambda x: mp.log(phi(x)) - mp.log(mp.mpf(p)), stats.norm.ppf(p))]
      for p in [1e-300, 1e-50, 1e-10, 0.001, 0.025, 0.2, 0.6, 0.9, 0.975, 0.999999]], 2)


def incomplete_beta(x, a, b):
    return mp.betainc(a, b, 0, x, regularized=True)


def t_sf(t, df):
    t = mp.mpf(t)
    tail = incomplete_beta(mp.mpf(df) / (df + t * t), mp.mpf(df) / 2, mp.mpf(1) / 2) / 2
    return tail if t > 0 else 1 - tail


array("golden_t", [[t, df, t_sf(t, df)] for t in [-2.5, 0.1, 1.0, 2.2, 8.0, 40.0] for df in [1, 2.5, 7, 30, 1000]], 3)
array("golden_beta", [[x, a, b, incomplete_beta(mp.mpf(x), a, b), incomplete_beta(1 - mp.mpf(x), b, a)]
      for x in [0.001, 0.2, 0.5, 0.93] for a, b in [(0.5, 0.5), (1, 9), (8.5, 3.25), (82, 183), (500, 30)]], 5)
array("golden_gamma", [[x, a, mp.gammainc(a, 0, mp.mpf(x), regularized=True), mp.gammainc(a, mp.mpf(x), mp.inf, regularized=True)]
      for x in [0.1, 1.0, 7.5, 60.0] for a in [0.5, 1, 3.7, 25, 80]], 4)
array("golden_binomial", [[k, n, p, mp.binomial(n, k) * mp.mpf(p) ** k * (1 - mp.mpf(p)) ** (n - k),
                           incomplete_beta(1 - mp.mpf(p), n - k, k + 1) if k < n else 1]
      for k, n, p in [(0, 5, .3), (3, 20, .1), (19, 20, .5), (81, 263, .31), (500, 1000, .45), (2, 10**6, 1e-6)]], 5)
array("golden_f", [[x, a, b, stats.f.sf(x, a, b)] for x in [0.3, 1.0, 4.2] for a, b in [(1, 5), (3, 20), (12, 7)]], 4)
array("golden_special", [[x, mp.loggamma(x), mp.digamma(x)] for x in [0.01, 0.5, 1.7, 3.0, 25.5, 1e6]], 3)
array("golden_kolmogorov", [[x, 2 * mp.nsum(lambda k: (-1) ** (int(k) - 1) * mp.e ** (-2 * k * k * mp.mpf(x) ** 2), [1, 60])]
      for x in [0.3, 0.5, 0.8, 0.83, 1.0, 1.36, 3.0, 6.0]], 2)


def range_sf(q, k):
    q = mp.mpf(q)
    f = lambda z: mp.npdf(z) * (mp.ncdf(z) ** (k - 1) - (mp.ncdf(z) - mp.ncdf(z - q)) ** (k - 1))
    return k * mp.quad(f, [-12, -4, -1, 0, 1, 2, 3, 5, 8, 14 + q / 2])


array("golden_range", [[q, k, range_sf(q, k)] for q in [0.5, 2.0, 3.5, 6.0, 12.0] for k in [2, 3, 7, 20]], 3)
array("golden_log", [[x, mp.log(mp.mpf(x))] for x in np.concatenate([rng.uniform(0, 1, 60), rng.uniform(.7, 1.5, 60),
      np.exp(rng.uniform(-740, 700, 60))])], 2)
array("golden_exp", [[x, mp.exp(mp.mpf(x))] for x in np.concatenate([rng.uniform(-2, 2, 60), rng.uniform(-708, 709, 60)])], 2)
array("golden_logit", [[x, mp.log(mp.mpf(x) / (1 - mp.mpf(x)))] for x in np.concatenate([rng.uniform(0, 1, 60), rng.uniform(.4, .6, 60),
      np.exp(rng.uniform(-300, -1, 20)), 1 - np.exp(rng.uniform(-30, -1, 20))])], 2)

# ---- one proportion, statsmodels ----
one = []
for n in [1, 5, 29, 263, 10000]:
    for k in sorted({0, 1, n // 3, n - 1, n}):
        for level in [0.9, 0.99]:
            one.append([k, n, level, *proportion.proportion_confint(k, n, 1 - level, "wilson"),
                        *proportion.proportion_confint(k, n, 1 - level, "beta")])
array("golden_proportion", one, 7)

# ---- two proportions: Newcombe by statsmodels; Miettinen-Nurminen with the restricted likelihood maximised numerically,
# 40 digits, because statsmodels' closed form does not maximise it away from a null of 0 (at 0 both agree: asserted) ----
def miettinen_p(k1, n1, k2, n2, delta):
    d = mp.mpf(delta)
    low, high = max(mp.mpf(0), -d), min(mp.mpf(1), 1 - d)

    def slope(p2):
        s = mp.mpf(0)
        for k, n, p in [(k1, n1, p2 + d), (k2, n2, p2)]:
            s += (k / p if k else 0) - ((n - k) / (1 - p) if n - k else 0)
        return s

    x, y = low + mp.mpf(10) ** -38, high - mp.mpf(10) ** -38
    for _ in range(140):
        m = (x + y) / 2
        x, y = (m, y) if slope(m) > 0 else (x, m)
    p2, total = (x + y) / 2, n1 + n2
    variance = ((p2 + d) * (1 - p2 - d) / n1 + p2 * (1 - p2) / n2) * total / mp.mpf(total - 1)
    return 1 - phi((mp.mpf(k1) / n1 - mp.mpf(k2) / n2 - d) / mp.sqrt(variance))


two = []
for k1, n1, k2, n2 in [(56, 70, 48, 80), (3, 30, 1, 40), (0, 12, 5, 15), (9, 10, 2, 25), (500, 1000, 480, 900)]:
    newcombe = proportion.confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", compare="diff")
    for delta in [-0.1, 0.0, 0.05]:
        p = miettinen_p(k1, n1, k2, n2, delta)
        if delta == 0:
            res = proportion.test_proportions_2indep(k1, n1, k2, n2, value=delta, method="score", compare="diff",
                                                     alternative="larger", correction=True)
            assert abs(res.pvalue - p) < 1e-12
        two.append([k1, n1, k2, n2, delta, p, *newcombe])
array("golden_two", two, 8)


# ---- the ratio of two proportions: z of k1/n1 - θ k2/n2, the restricted likelihood maximised numerically, 40 digits. Held to
# statsmodels (the score without skewness) and to what is published: Gart & Nam 1988 (skewness, no N/(N - 1)), Fagerland,
# Lydersen & Laake 2011 (Miettinen-Nurminen) ----
def ratio_z(k1, n1, k2, n2, theta, skewness=True, correction=True):
    t = mp.mpf(theta)

    def slope(p2):
        return sum((k / p2 if k else 0) - (f * (n - k) / (1 - f * p2) if n - k else 0)
                   for k, n, f in [(k1, n1, t), (k2, n2, mp.mpf(1))])

    x, y = mp.mpf(10) ** -38, min(mp.mpf(1), 1 / t) - mp.mpf(10) ** -38
    for _ in range(140):
        m = (x + y) / 2
        x, y = (m, y) if slope(m) > 0 else (x, m)
    p2 = (x + y) / 2
    p1, total = t * p2, n1 + n2
    variance = (p1 * (1 - p1) / n1 + t * t * p2 * (1 - p2) / n2) * (mp.mpf(total) / (total - 1) if correction else 1)
    score = (mp.mpf(k1) / n1 - t * k2 / n2) / mp.sqrt(variance)
    third = p1 * (1 - p1) * (1 - 2 * p1) / mp.mpf(n1) ** 2 - t ** 3 * p2 * (1 - p2) * (1 - 2 * p2) / mp.mpf(n2) ** 2
    sixth = third / (6 * variance ** mp.mpf(1.5))
    if not skewness or abs(sixth) < mp.mpf(10) ** -30:
        return score
    return (-1 + mp.sqrt(1 + 4 * sixth * (sixth + score))) / (2 * sixth)  # z + γ(z² - 1)/6 = score


def holds(counts, low, high, digits, **kind):
    """Is z ±1.96 within the rounding of published bounds?"""
    half = mp.mpf(10) ** -digits / 2 * 1.01
    edge = mp.sqrt(2) * mp.erfinv(mp.mpf("0.95"))
    for bound, sign in [(low, 1), (high, -1)]:
        assert ratio_z(*counts, bound - half, **kind) > sign * edge > ratio_z(*counts, bound + half, **kind), (counts, bound)


holds((8, 15, 4, 15), 0.815, 5.336, 3, skewness=False, correction=False)
holds((6, 10, 6, 20), 0.844, 4.594, 3, skewness=False, correction=False)
holds((8, 15, 4, 15), 0.806, 6.148, 3, skewness=True, correction=False)
holds((6, 10, 6, 20), 0.822, 4.954, 3, skewness=True, correction=False)
holds((24, 73, 53, 65), 0.280, 0.560, 3, skewness=False)
holds((29, 55, 11, 11), 0.397, 0.742, 3, skewness=False)
holds((7, 18, 1, 18), 1.296, 42.544, 3, skewness=False)

ratios = []
for k1, n1, k2, n2 in [(56, 70, 48, 80), (3, 30, 1, 40), (9, 10, 2, 25), (500, 1000, 480, 900), (0, 12, 5, 15), (2, 3, 1, 4),
                       (11, 11, 29, 55), (1, 400, 30, 40)]:
    for theta in [0.3, 0.8, 1.0, 1.7]:
        plain = ratio_z(k1, n1, k2, n2, theta, skewness=False)
        theirs = proportion.test_proportions_2indep(k1, n1, k2, n2, value=theta, method="score", compare="ratio",
                                                    alternative="larger", correction=True)
        assert abs(theirs.pvalue - (1 - phi(plain))) < 1e-9, (k1, n1, k2, n2, theta, theirs.pvalue, 1 - phi(plain))
        z = ratio_z(k1, n1, k2, n2, theta)
        ratios.append([k1, n1, k2, n2, theta, min(z, 0) if k1 == 0 else z])
array("golden_ratio", ratios, 6)


# ---- paired proportions: Tango's z with the restricted likelihood maximised numerically, 40 digits ----
def tango_z(b, c, n, delta):
    b, c, n, delta = map(mp.mpf, (b, c, n, delta))
    low, high = max(mp.mpf(0), -delta), (1 - delta) / 2

    def slope(q):
        s = mp.mpf(0)
        if b:
            s += b / (q + delta)
        if c:
            s += c / q
        if n - b - c:
            s -= 2 * (n - b - c) / (1 - 2 * q - delta)
        return s

    tiny = mp.mpf(10) ** -38
    x, y = low + tiny, high - tiny
    if slope(x) <= 0:
        q = low
    elif slope(y) >= 0:
        q = high
    else:
        for _ in range(140):
            m = (x + y) / 2
            x, y = (m, y) if slope(m) > 0 else (x, m)
        q = (x + y) / 2
    top, variance = b - c - n * delta, n * (2 * q + delta * (1 - delta))
    if variance < mp.mpf(10) ** -30:
        return mp.sign(top) * mp.inf if abs(top) > mp.mpf(10) ** -30 else mp.mpf(0)
    return top / mp.sqrt(variance)


array("golden_tango", [[b, c, n, d, tango_z(b, c, n, d)] for b, c, n in
      [(0, 0, 50), (1, 0, 44), (7, 3, 60), (12, 2, 50), (150, 86, 1600), (0, 9, 30), (20, 20, 40)] for d in [-.2, -.05, .01, .3]], 5)


# ---- exact paired test: all tables of n rows, a fine grid of the nuisance ----
def exact_p(b, c, n, delta):
    from scipy.special import gammaln
    tables = [(i, j) for i in range(n + 1) for j in range(n + 1 - i)]
    z0 = tango_z(b, c, n, delta)
    keep = np.array([(i, j) for i, j in tables if tango_z(i, j, n, delta) >= z0 - mp.mpf("1e-9")])
    i, j = keep[:, 0], keep[:, 1]
    coef = gammaln(n + 1) - gammaln(i + 1) - gammaln(j + 1) - gammaln(n - i - j + 1)

    def probability(q):
        pb, pc = q + delta, q
        rest = 1 - pb - pc
        with np.errstate(divide="ignore", invalid="ignore"):
            t = coef + np.where(i > 0, i * np.log(pb), 0) + np.where(j > 0, j * np.log(pc), 0) + \
                np.where(n - i - j > 0, (n - i - j) * np.log(rest), 0)
        return np.exp(t).sum()

    low, high = max(0, -delta), (1 - delta) / 2
    grid = np.clip(np.linspace(low, high, 4001), low + 1e-15, high - 1e-15)
    values = np.array([probability(q) for q in grid])
    best = values.argmax()
    x = np.linspace(grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)], 2001)
    return max(probability(q) for q in x)


array("golden_exact", [[b, c, n, d, exact_p(b, c, n, d)] for b, c, n, d in
      [(0, 0, 20, -.1), (1, 0, 30, -.1), (3, 1, 30, -.05), (5, 1, 25, 0), (2, 6, 30, -.05), (7, 2, 18, .1), (4, 4, 16, -.3), (0, 3, 24, 0.02)]], 5)


def newcombe_paired(a, b, c, n, level):
    d = n - a - b - c
    l1, u1 = proportion.proportion_confint(a + b, n, 1 - level, "wilson")
    l2, u2 = proportion.proportion_confint(a + c, n, 1 - level, "wilson")
    p1, p2 = (a + b) / n, (a + c) / n
    cross = a * d - b * c
    if cross > 0:
        cross = max(0, cross - n / 2)
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    f = cross / margins ** .5 if margins else 0
    low = p1 - p2 - ((p1 - l1) ** 2 - 2 * f * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2) ** .5
    high = p1 - p2 + ((u1 - p1) ** 2 - 2 * f * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2) ** .5
    return low, high


array("golden_newcombe_paired", [[a, b, c, n, *newcombe_paired(a, b, c, n, .95)] for a, b, c, n in
      [(36, 12, 2, 50), (20, 12, 2, 54), (794, 150, 86, 1600), (3, 0, 0, 9), (0, 4, 5, 20)]], 6)

# ---- means, quantiles, p-values ----
x, y = rng.normal(3, 2, 40), rng.normal(2.6, 2, 40)
vector("golden_x", x)
vector("golden_y", y)
t = stats.ttest_rel(x, y, alternative="greater")
ci = stats.ttest_rel(x, y).confidence_interval(.95)
one_t = stats.ttest_1samp(x, 2.5, alternative="less")
ci1 = stats.ttest_1samp(x, 0).confidence_interval(.9)
vector("golden_means", [x.mean(), ci1.low, ci1.high, one_t.pvalue, (x - y).mean(), ci.low, ci.high, t.pvalue])
array("golden_quantile7", [[p, np.quantile(np.sort(x), p)] for p in [0, .01, .25, .5, .9, .999, 1]], 2)
p = rng.uniform(0, .1, 15)
p[4] = p[9]
vector("golden_p", p)
vector("golden_holm", multitest.multipletests(p, method="holm")[1])
vector("golden_bh", multitest.multipletests(p, method="fdr_bh")[1])

# ---- tables ----
label, a = rng.integers(0, 3, 200), rng.integers(0, 3, 200)
a = np.where(rng.uniform(size=200) < .6, label, a)
table = metrics.confusion_matrix(label, a)
vector("golden_table", table.ravel())
values = [metrics.accuracy_score(label, a), metrics.balanced_accuracy_score(label, a), metrics.matthews_corrcoef(label, a)]
for average in ["macro", "weighted", "micro"]:
    values += [metrics.precision_score(label, a, average=average), metrics.recall_score(label, a, average=average),
               metrics.fbeta_score(label, a, beta=2, average=average), metrics.jaccard_score(label, a, average=average)]
vector("golden_table_values", values)
kappas = []
for weights, kind in [(None, None), ("linear", "linear"), ("quadratic", "quadratic")]:
    k = inter_rater.cohens_kappa(table, weights=np.arange(3) if kind else None,
                                 wt={None: None, "linear": "linear", "quadratic": "quadratic"}[kind])
    kappas.append([metrics.cohen_kappa_score(label, a, weights=weights), k.std_kappa])
array("golden_kappa", kappas, 2)

# ---- logistic ----
lx, lz = rng.normal(0, 1.3, 120), rng.normal(0, 1, 120)
ly = (rng.uniform(size=120) < 1 / (1 + np.exp(-(0.4 + 0.8 * lx - .5 * lz)))).astype(float)
lw = rng.integers(1, 5, 120).astype(float)
cluster = rng.integers(0, 15, 120)
vector("golden_logistic_x", lx)
vector("golden_logistic_z", lz)
vector("golden_logistic_y", ly)
vector("golden_logistic_w", lw)
vector("golden_logistic_cluster", cluster)


def converged(model, **options):
    """Fitted twice, the second time from the first's answer: GLM takes its covariance from the weights one step back."""
    first = model.fit(tol=1e-15, maxiter=200)
    return model.fit(start_params=first.params, tol=1e-15, maxiter=200, **options)


fit = converged(GLM(ly, sm.add_constant(np.column_stack([lx, lz])), families.Binomial()))
vector("golden_logistic_two", [*fit.params, *fit.cov_params().ravel(), fit.llf])
fit = converged(GLM(ly, sm.add_constant(lx), families.Binomial()), cov_type="cluster",
                cov_kwds={"groups": cluster, "use_correction": False})
vector("golden_logistic_robust", [*fit.params, *(fit.cov_params() * 15 / 14).ravel()])
fit = converged(GLM(ly, sm.add_constant(lx), families.Binomial(), freq_weights=lw))
vector("golden_logistic_weighted", [*fit.params, *fit.cov_params().ravel()])
fit = converged(GLM(ly, np.ones((120, 1)), families.Binomial(), offset=lx))
vector("golden_logistic_offset", [*fit.params, *fit.cov_params().ravel()])

# ---- isotonic, KS ----
iy, iw = rng.normal(np.arange(30) / 8, 1), rng.uniform(.2, 2, 30)
vector("golden_isotonic_y", iy)
vector("golden_isotonic_w", iw)
vector("golden_isotonic_fit", IsotonicRegression().fit(np.arange(30), iy, iw).predict(np.arange(30)))
k1, k2 = np.sort(np.round(rng.normal(size=45), 1)), np.sort(np.round(rng.normal(.5, 1.2, 60), 1))
vector("golden_ks_1", k1)
vector("golden_ks_2", k2)
ks = stats.ks_2samp(k1, k2, method="exact")
vector("golden_ks", [ks.statistic, ks.pvalue])
array("golden_ks_p", [[d, n, m, stats.ks_2samp(np.arange(n), np.arange(m) + s, method="exact").pvalue]
      for d, n, m, s in [(lambda n, m, s: (stats.ks_2samp(np.arange(n), np.arange(m) + s).statistic, n, m, s))(*q)
                         for q in [(30, 30, 10.5), (50, 70, 12.5), (200, 150, 80.5), (7, 9, .5)]]], 4)

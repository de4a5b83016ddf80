"""Makes rows.csv, train.csv and expected.json: what others say of the same rows.

python make_data.py     (pandas, scikit-learn, imbalanced-learn, problexity, SciPy; versions are written into the file)

problexity's Fisher ratio counts each pair of classes twice (its r is twice that of Lorena et al. 2019, eq. 2, and of
ECoL), so r is halved here. Its N1 divides edges by 2n; the paper's, and ECoL's, is the share of rows at such an edge,
which is taken from SciPy's minimum spanning tree.
"""
import json
from pathlib import Path

import imblearn
import numpy as np
import pandas as pd
import problexity
import scipy
import sklearn
from imblearn.under_sampling import TomekLinks
from problexity.classification import f1, n3
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist
from scipy.stats import chi2_contingency, norm, spearmanr
from scipy.stats.contingency import association
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

HERE = Path(__file__).parent
NUMBERS = ["x1", "x2", "x3", "x4"]


def make(n, share, seed):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < share).astype(int)
    frame = pd.DataFrame(rng.normal(size=(n, 4)) + 1.2 * y[:, None] * [1, 0.5, 0, 0], columns=NUMBERS)
    frame["x4"] = np.where(rng.random(n) < 0.03, 40 * rng.normal(size=n), frame["x4"])
    frame["leak"] = y + 0.05 * rng.normal(size=n)
    frame["word"] = np.where(y == 1, rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1]), rng.choice(["a", "b", "c"], n))
    frame["gap"] = rng.normal(size=n)
    frame.loc[rng.random(n) < np.where(y == 1, 0.4, 0.1), "gap"] = np.nan
    frame["one"] = 7
    frame["name"] = rng.permutation(n) + 1000
    frame["day"] = rng.permutation(n) * 3
    frame["x3"] += 0.8 * (frame["day"] > frame["day"].median())
    frame["sex"] = rng.choice(["f", "m"], n, p=[0.2, 0.8])
    frame["y"] = y
    return frame


rows, train = make(700, 0.12, 20261), make(900, 0.25, 20262)
rows.loc[690:699, NUMBERS] = rows.loc[0:9, NUMBERS].to_numpy()  # ten copies by the numbers alone
train.loc[0:34, NUMBERS] = rows.loc[100:134, NUMBERS].to_numpy()  # and thirty-five rows that the training has seen
rows.to_csv(HERE / "rows.csv", index=False)
train.to_csv(HERE / "train.csv", index=False)
rows, train = pd.read_csv(HERE / "rows.csv"), pd.read_csv(HERE / "train.csv")
y = rows["y"].to_numpy()
counts = np.bincount(y)
n = len(rows)
z = norm.ppf(0.975)


def wilson(k, m):
    return [k / m, *proportion_confint(k, m, method="wilson")]


def folded_auc(label, score):
    area = roc_auc_score(label, score)
    return 2 * max(area, 1 - area) - 1


def bergsma(table):  # Bergsma 2013, beside SciPy's plain V
    chi2 = chi2_contingency(table, correction=False)[0]
    m, (r, k) = table.sum(), table.shape
    phi2 = max(0, chi2 / m - (r - 1) * (k - 1) / (m - 1))
    rr, kk = r - (r - 1) ** 2 / (m - 1), k - (k - 1) ** 2 / (m - 1)
    return np.sqrt(phi2 / min(rr - 1, kk - 1))


# ---- neighbours: of the rows without copies, where no two distances tie
apart = rows.drop_duplicates(NUMBERS, keep=False)
apart.to_csv(HERE / "apart.csv", index=False)
X, t = StandardScaler().fit_transform(apart[NUMBERS]), apart["y"].to_numpy()
near = NearestNeighbors(n_neighbors=6).fit(X).kneighbors(X)[1][:, 1:]
same = (t[near] == t[:, None]).sum(axis=1)
category = np.select([same >= 4, same >= 2, same == 1], ["safe", "borderline", "rare"], "outlier")
links = TomekLinks(sampling_strategy="all").is_tomek(t, near[:, 0], [0, 1])
edges = np.argwhere(minimum_spanning_tree(cdist(X, X)).toarray() > 0)
across = edges[t[edges[:, 0]] != t[edges[:, 1]]]
graph = np.zeros((len(t), len(t)), bool)
for i in range(len(t)):
    for j in near[i]:
        graph[i, j] = t[i] == t[j]
part = connected_components(graph, directed=False)[1]
part_rows = np.bincount(part)[part]

entropy = -(counts / n * np.log(counts / n)).sum()
ratio = counts.max() / counts.min()
se = np.sqrt(1 / counts.max() + 1 / counts.min())
shift = counts[1] / n - train["y"].mean()
low, high = confint_proportions_2indep(counts[1], n, train["y"].sum(), len(train), method="newcomb")
late = (rows["day"] > rows["day"].median()).astype(int)
null1, null0 = rows.loc[y == 1, "gap"].isna(), rows.loc[y == 0, "gap"].isna()
gap_low, gap_high = confint_proportions_2indep(null1.sum(), len(null1), null0.sum(), len(null0), method="newcomb")


def beyond(x):
    x = x.dropna()
    q1, q3 = np.quantile(x, [0.25, 0.75])
    return wilson(int(((x < q1 - 3 * (q3 - q1)) | (x > q3 + 3 * (q3 - q1))).sum()), len(x))


merged = rows[NUMBERS].merge(train[NUMBERS].drop_duplicates(), on=NUMBERS)
expected = {
    "versions": {m.__name__: m.__version__ for m in (np, pd, scipy, sklearn, imblearn, problexity)},
    "class_counts": [int(c) for c in counts],
    "imbalance_ratio": [ratio, ratio * np.exp(-z * se), ratio * np.exp(z * se)],
    "evenness": entropy / np.log(2),
    "effective_number": [(1 - 0.999 ** float(c)) / (1 - 0.999) for c in counts],
    "no_information_rate": wilson(int(counts.max()), n),
    "known": {
        f"{sex}/{c}": (lambda k: (lambda b: (b[1] - b[0]) / 2)(proportion_confint(k / 2, k, method="wilson")))(
            int(((rows["sex"] == sex) & (y == c)).sum())
        )
        for sex in "fm"
        for c in (0, 1)
    },
    "overlap": {
        name: [float(((category == name) & (t == c)).sum() / (t == c).sum()) for c in (0, 1)]
        for name in ("safe", "borderline", "rare", "outlier")
    },
    "tomek_links": int(links.sum()) / len(t),
    "n1": len(np.unique(across)) / len(t),
    "n3": float(n3(X, t)),
    "fisher": 1 / (1 + (1 / f1(X, t) - 1) / 2),
    "small_disjuncts": [float(((part_rows <= 10) & (t == c)).sum() / (t == c).sum()) for c in (0, 1)],
    "label_shift": [shift, low, high],
    "duplicates": int(rows.duplicated(NUMBERS).sum()) / n,
    "train_duplicates": len(merged) / n,
    "missing": wilson(int(rows["gap"].isna().sum()), n),
    "missing_by_class": [null1.mean() - null0.mean(), gap_low, gap_high],
    "leak": folded_auc(y, rows["leak"]),
    "leak_x1": folded_auc(y, rows["x1"]),
    "leak_word": bergsma(pd.crosstab(rows["word"], rows["y"]).to_numpy()),
    "leak_word_plain": association(pd.crosstab(rows["word"], rows["y"]).to_numpy()),
    "drift_x3": folded_auc(late, rows["x3"]),
    "outliers_x4": beyond(rows["x4"]),
    "regression_x1": abs(spearmanr(rows["x1"], rows["leak"])[0]),
}
(HERE / "expected.json").write_text(json.dumps(expected, indent=1, default=float) + "\n")

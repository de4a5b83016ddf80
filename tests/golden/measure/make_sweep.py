"""Writes sweep_golden.h: rows and their ECE_sweep by the implementation that Roelofs et al. published with their paper.

Run: python make_sweep.py FOLDER (needs numpy), FOLDER a checkout of google-research/google-research, whose caltrain/ it calls
(calibration_metrics.py as of commit 5b09c22, Apache-2.0; nothing of it is kept here).

caltrain puts row k of n, in order of p, into group floor(k G / n); nonet goes by the middle of a row, floor((k + 1/2) G / n),
so that rows of one p stay together. The two agree where G divides n: n = 840 does for G up to 8, and the sweeps end before.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, sys.argv[1])
from caltrain.calibration_metrics import CalibrationMetric  # noqa: E402

HERE = Path(__file__).resolve().parent
N = 840
text = f"/* Made by make_sweep.py with caltrain of google-research; do not edit. numpy {np.__version__}. */\n/* clang-format off */\n"
text += f"#include <stdint.h>\nenum {{ sweep_n = {N} }};\n"
found = []
for name, seed, slope in (("steep", 3, 0.5), ("flat", 8, 0.2)):
    rng = np.random.default_rng(seed)
    p = rng.permutation((np.arange(N) + 0.5) / N).round(6)  # all different, one micro-bin each
    y = (rng.random(N) < 0.2 + slope * p).astype(int)
    metric = CalibrationMetric(ce_type="em_ece_sweep", num_bins=15, bin_method="equal_examples", norm=1)
    groups = int(metric.em_monotonic_sweep(p, y).max()) + 1
    assert 2 <= groups < 8, groups
    ece = metric.compute_error(p[:, None], y[:, None])
    found.append((name, groups, ece))
    text += f"static const double sweep_{name}_p[] = {{{', '.join('%.6f' % v for v in p)}}};\n"
    text += f"static const uint32_t sweep_{name}_y[] = {{{', '.join(map(str, y))}}};\n"
    text += f"static const double sweep_{name}_ece = {ece:.17g};\nenum {{ sweep_{name}_groups = {groups} }};\n"
(HERE / "sweep_golden.h").write_text(text)
print(found)

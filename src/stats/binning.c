/*
 * Micro-bins of probabilities and the calibration measures read from bins.
 *
 * The fast fill for float32 keeps, per micro-bin of a batch, (n | positives << 32) and the integer
 * sum of (p − lower edge) · 2^40, which is exact: a float32 of at least 2^-16 is a multiple of
 * 2^-40. Smaller ones, all in bin 0, go the slow way one by one.
 *
 * Cases: 1 p = 1 lies in the last bin; 2 bin 0 holds numbers of any exponent: cut at 2^-90; 3 a
 * batch beyond 2^31 rows is cut up, since its counts have 32 bits; 4 empty bins contribute nothing;
 * 5 a bin of one row has no variance to subtract: left out of the debiased form; 6 more groups than
 * points leave groups empty.
 */
#include "stats/binning.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/resample.h"

#define UNIT_BITS 90
#define FAST_BITS 40
#define BATCH_ROWS (1u << 30)

static binning_wide fixed_of(double p) { /* 2 */
  double high = floor(ldexp(p, 45)), low = floor(ldexp(ldexp(p, 45) - high, UNIT_BITS - 45));
  return ((binning_wide)(uint64_t)high << (UNIT_BITS - 45)) + (uint64_t)low;
}

void binning_add_one(struct binning_micro *bins, double p, bool is_positive, uint64_t count) {
  struct binning_micro *bin = bins + binning_index(p);
  bin->n += count;
  bin->n_positive += is_positive ? count : 0;
  bin->sum_p += fixed_of(p) * count;
}

void binning_add_f64(struct binning_micro *bins, const double *p, const uint8_t *labels, size_t n) {
  for (size_t i = 0; i < n; i++) {
    binning_add_one(bins, p[i], labels[i] != 0, 1);
  }
}

struct fast_bin {
  uint64_t counts, rest; /* n | positives << 32; Σ (p − edge) · 2^40 */
};

static void flush_fast(struct binning_micro *bins, const struct fast_bin *fast) {
  for (size_t b = 0; b < BINNING_MICRO; b++) {
    uint64_t n = fast[b].counts & UINT32_MAX;
    binning_wide in_fast_units = ((binning_wide)b << (FAST_BITS - 16)) * n + fast[b].rest;
    bins[b].n += n;
    bins[b].n_positive += fast[b].counts >> 32;
    bins[b].sum_p += in_fast_units << (UNIT_BITS - FAST_BITS);
  }
}

nonet_status binning_add_f32(struct binning_micro *bins, const float *p, const uint8_t *labels,
                             size_t n, nonet_error *error) {
  struct fast_bin *fast = n >= BINNING_MICRO ? memory_new(BINNING_MICRO, sizeof *fast) : NULL;
  if (n >= BINNING_MICRO && fast == NULL) {
    return error_memory(error, BINNING_MICRO * sizeof *fast, "micro-bins");
  }
  for (size_t first = 0; first < n; first += BATCH_ROWS) { /* 3 */
    size_t end = n - first < BATCH_ROWS ? n : first + BATCH_ROWS;
    if (fast == NULL) {
      for (size_t i = first; i < end; i++) {
        binning_add_one(bins, (double)p[i], labels[i] != 0, 1);
      }
      continue;
    }
    memset(fast, 0, BINNING_MICRO * sizeof *fast);
    for (size_t i = first; i < end; i++) {
      uint64_t whole = (uint64_t)(int64_t)(p[i] * 0x1p40f), b = whole >> (FAST_BITS - 16);
      if (b == 0) {
        binning_add_one(bins, (double)p[i], labels[i] != 0, 1);
        continue;
      }
      b = b < BINNING_MICRO ? b : BINNING_MICRO - 1; /* 1 */
      fast[b].counts += 1 + ((uint64_t)(labels[i] != 0) << 32);
      fast[b].rest += whole - (b << (FAST_BITS - 16));
    }
    flush_fast(bins, fast);
  }
  memory_free(fast);
  return NONET_OK;
}

void binning_merge(struct binning_micro *into, const struct binning_micro *from) {
  for (size_t b = 0; b < BINNING_MICRO; b++) {
    into[b].n += from[b].n;
    into[b].n_positive += from[b].n_positive;
    into[b].sum_p += from[b].sum_p;
  }
}

void binning_points(const struct binning_micro *bins, struct binning_point *points) {
  for (size_t b = 0; b < BINNING_MICRO; b++) {
    points[b] = (struct binning_point){bins[b].n, bins[b].n_positive,
                                       ldexp((double)bins[b].sum_p, -UNIT_BITS)};
  }
}

/* ---- groups ---- */

static uint64_t total_rows(const struct binning_point *points, size_t n) {
  uint64_t rows = 0;
  for (size_t i = 0; i < n; i++) {
    rows += points[i].n;
  }
  return rows;
}

static void add_point(struct binning_point *group, const struct binning_point *point) {
  group->n += point->n;
  group->n_positive += point->n_positive;
  group->sum_p += point->sum_p;
}

void binning_equal_mass(const struct binning_point *points, size_t n_points, size_t n_groups,
                        struct binning_point *groups) {
  uint64_t rows = total_rows(points, n_points), before = 0;
  memset(groups, 0, n_groups * sizeof *groups);
  for (size_t i = 0; i < n_points; i++) {
    if (points[i].n > 0) {
      binning_wide twice_middle = 2 * (binning_wide)before + points[i].n;
      add_point(&groups[(size_t)(n_groups * twice_middle / (2 * (binning_wide)rows))], &points[i]);
      before += points[i].n;
    }
  }
}

void binning_equal_width(const struct binning_point *points, size_t n_points, size_t n_groups,
                         struct binning_point *groups) {
  memset(groups, 0, n_groups * sizeof *groups);
  for (size_t i = 0; i < n_points; i++) {
    if (points[i].n > 0) {
      size_t g = (size_t)(points[i].sum_p / (double)points[i].n * (double)n_groups);
      add_point(&groups[g < n_groups ? g : n_groups - 1], &points[i]);
    }
  }
}

static double gap(const struct binning_point *group) {
  return (group->sum_p - (double)group->n_positive) / (double)group->n;
}

double binning_ece(const struct binning_point *groups, size_t n_groups) {
  double sum = 0;
  for (size_t g = 0; g < n_groups; g++) {
    sum += fabs(groups[g].sum_p - (double)groups[g].n_positive);
  }
  uint64_t rows = total_rows(groups, n_groups);
  return rows > 0 ? sum / (double)rows : NAN;
}

double binning_mce(const struct binning_point *groups, size_t n_groups) {
  double largest = NAN;
  for (size_t g = 0; g < n_groups; g++) {
    if (groups[g].n > 0) { /* 4 */
      largest = fmax(largest, fabs(gap(&groups[g])));
    }
  }
  return largest;
}

double binning_ece_squared_debiased(const struct binning_point *groups, size_t n_groups) {
  double sum = 0;
  uint64_t rows = 0;
  for (size_t g = 0; g < n_groups; g++) {
    if (groups[g].n >= 2) { /* 5 */
      double n = (double)groups[g].n, share = (double)groups[g].n_positive / n, d = gap(&groups[g]);
      sum += n * (d * d - share * (1 - share) / (n - 1));
      rows += groups[g].n;
    }
  }
  return rows > 0 ? sum / (double)rows : NAN;
}

double binning_ece_debiased(const struct binning_point *groups, size_t n_groups) {
  double squared = binning_ece_squared_debiased(groups, n_groups);
  return squared > 0 ? sqrt(squared) : isnan(squared) ? NAN : 0;
}

static bool is_monotone(const struct binning_point *groups, size_t n_groups) {
  const struct binning_point *last = NULL;
  for (size_t g = 0; g < n_groups; g++) {
    if (groups[g].n == 0) {
      continue;
    }
    if (last != NULL && (binning_wide)groups[g].n_positive * last->n <
                            (binning_wide)last->n_positive * groups[g].n) {
      return false;
    }
    last = &groups[g];
  }
  return true;
}

nonet_status binning_ece_sweep(const struct binning_point *points, size_t n_points, size_t n_most,
                               double *ece, size_t *n_bins, nonet_error *error) {
  struct binning_point *groups = memory_new(n_most + 1, sizeof *groups);
  if (groups == NULL) {
    return error_memory(error, n_most * sizeof *groups, "bins");
  }
  *ece = NAN;
  size_t found = 0;
  for (size_t b = 1; b <= n_most; b++) {
    binning_equal_mass(points, n_points, b, groups);
    if (!is_monotone(groups, b)) {
      break;
    }
    found = b;
    *ece = binning_ece(groups, b);
  }
  if (n_bins != NULL) {
    *n_bins = found;
  }
  memory_free(groups);
  return NONET_OK;
}

/* ---- bootstrap ---- */

struct ece_job {
  const struct binning_point *points;
  size_t n_points, n_groups;
  struct binning_point *drawn, *groups; /* [n_workers][n_points], [n_workers][n_groups] */
};

static void ece_statistic(void *context, size_t worker, const uint32_t *weights, double *out) {
  const struct ece_job *job = context;
  struct binning_point *drawn = job->drawn + worker * job->n_points,
                       *groups = job->groups + worker * job->n_groups;
  for (size_t i = 0; i < job->n_points; i++) {
    uint64_t n = (uint64_t)weights[2 * i] + weights[2 * i + 1];
    drawn[i] = (struct binning_point){
        n, weights[2 * i + 1], (double)n * (job->points[i].sum_p / (double)job->points[i].n)};
  }
  binning_equal_mass(drawn, job->n_points, job->n_groups, groups);
  *out = binning_ece_squared_debiased(groups, job->n_groups);
}

nonet_status binning_ece_bootstrap(const struct binning_point *points, size_t n_points,
                                   size_t n_groups, uint64_t seed, uint64_t key,
                                   size_t n_replicates, size_t n_threads, double *squared,
                                   nonet_error *error) {
  size_t n_workers = n_threads > 1 ? n_threads : 1, n = 0;
  struct binning_point *memory =
      memory_new(n_points + 1 + n_workers * (n_points + n_groups), sizeof *memory);
  uint64_t *keys = memory_new(4 * n_points + 1, sizeof *keys),
           *count = keys != NULL ? keys + 2 * n_points : NULL;
  nonet_status status;
  if (memory == NULL || keys == NULL) {
    status = error_memory(error, n_points * sizeof *memory, "the bootstrap of bins");
    goto done;
  }
  for (size_t i = 0; i < n_points; i++) { /* 4: only points that hold rows */
    if (points[i].n > 0) {
      memory[n] = points[i];
      keys[2 * n] = key + 2 * i;
      keys[2 * n + 1] = key + 2 * i + 1;
      count[2 * n] = points[i].n - points[i].n_positive;
      count[2 * n + 1] = points[i].n_positive;
      n++;
    }
  }
  struct ece_job job = {memory, n, n_groups, memory + n_points + 1,
                        memory + n_points + 1 + n_workers * n_points};
  struct resample_rows rows = {seed, PHILOX_BOOTSTRAP, keys, count, false, 2 * n};
  status =
      resample_run(&rows, ece_statistic, &job, 1, n_replicates, n_workers, NULL, squared, error);
done:
  memory_free(memory);
  memory_free(keys);
  return status;
}

void binning_ece_limits(double squared_estimate, double squared_standard_error, double z,
                        double *low, double *high) {
  double below = squared_estimate - z * squared_standard_error,
         above = squared_estimate + z * squared_standard_error;
  *low = isnan(below) ? NAN : sqrt(below > 0 ? below : 0);
  *high = isnan(above) ? NAN : sqrt(above > 0 ? above : 0);
}

/* ---- tests and decompositions ---- */

struct binning_hosmer_lemeshow binning_hosmer_lemeshow(const struct binning_point *groups,
                                                       size_t n_groups) {
  struct binning_hosmer_lemeshow result = {0, NAN, 0};
  for (size_t g = 0; g < n_groups; g++) {
    if (groups[g].n == 0) {
      continue;
    }
    double n = (double)groups[g].n, expected = groups[g].sum_p,
           d = (double)groups[g].n_positive - expected;
    double variance = expected * (1 - expected / n);
    result.n_groups++;
    if (d != 0) {
      result.statistic += variance > 0 ? d * d / variance : NAN;
    }
  }
  if (result.n_groups < 3 || isnan(result.statistic)) {
    result.statistic = NAN;
    return result;
  }
  result.p_value = distribution_chi_square_sf(result.statistic, (double)(result.n_groups - 2));
  return result;
}

struct binning_murphy binning_murphy(const struct binning_point *points, size_t n_points) {
  double rows = 0, positives = 0;
  for (size_t i = 0; i < n_points; i++) {
    rows += (double)points[i].n;
    positives += (double)points[i].n_positive;
  }
  double base = positives / rows;
  struct binning_murphy murphy = {0, 0, base * (1 - base)};
  for (size_t i = 0; i < n_points; i++) {
    if (points[i].n > 0) {
      double n = (double)points[i].n, d = gap(&points[i]),
             r = (double)points[i].n_positive / n - base;
      murphy.reliability += n * d * d / rows;
      murphy.resolution += n * r * r / rows;
    }
  }
  if (rows == 0) {
    murphy = (struct binning_murphy){NAN, NAN, NAN};
  }
  return murphy;
}

size_t binning_reliability(const struct binning_point *groups, size_t n_groups, double *mean_p,
                           double *share_positive, uint64_t *n) {
  size_t n_points = 0;
  for (size_t g = 0; g < n_groups; g++) {
    if (groups[g].n > 0) {
      mean_p[n_points] = groups[g].sum_p / (double)groups[g].n;
      share_positive[n_points] = (double)groups[g].n_positive / (double)groups[g].n;
      n[n_points++] = groups[g].n;
    }
  }
  return n_points;
}

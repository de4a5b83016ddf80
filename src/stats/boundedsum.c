/*
 * Sums of bounded doubles as integers, in two digits.
 *
 * x + M1 with M1 = 1.5·2^12 lies in [2^12, 2^13), where doubles are 2^-40 apart: the addition
 * rounds x to a multiple of 2^-40, and the bit pattern minus that of M1 is the multiple itself, an
 * integer below 2^51. The rest r = x - ((x + M1) - M1) is exact, at most 2^-41 in size, and goes
 * through M2 = 1.5·2^-40 in the same manner: its multiple of 2^-92. Both integers are summed modulo
 * 2^64 per lane (at most 2^11 terms of 2^51 before they are folded away), then in 128 bits. Only
 * additions of doubles and of integers: two lanes at a time on any baseline machine.
 *
 * 1. |x| >= 2^11, infinities and NaN mark the sum. 2. r at exactly ±2^-41 reaches the ends of M2's
 * binade, where the bit patterns still differ by exactly ±2^51. 3. Rounding is to nearest, ties to
 * even, per term. 4. low may be carried at any time: the state is made canonical after every call,
 * 0 <= low < 2^52.
 */
#include "stats/boundedsum.h"

#include <math.h>
#include <string.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

typedef double pair __attribute__((vector_size(16)));
typedef int64_t pair_mask __attribute__((vector_size(16)));
typedef uint64_t pair_bits __attribute__((vector_size(16)));

#define M1 0x1.8p12
#define M2 0x1.8p-40
#define M1_BITS 0x40b8000000000000
#define M2_BITS 0x3d78000000000000
#define LOW_BITS 52
#define LOW_MASK (((int64_t)1 << LOW_BITS) - 1)
#define BLOCK 4096 /* terms per fold: 2048 per lane */

/* low is any 128-bit value here */
static void boundedsum_carry(struct boundedsum *sum, wide high, wide low) {
  low += sum->low;
  sum->high += high + (low >> LOW_BITS);
  sum->low = (int64_t)(low & LOW_MASK);
}

static int64_t pair_fold(pair_bits bits, uint64_t n_per_lane, uint64_t magic_bits) {
  return (int64_t)(bits[0] - n_per_lane * magic_bits) +
         (int64_t)(bits[1] - n_per_lane * magic_bits);
}

/* n is even and at most BLOCK; terms are x[i], or x[i]²·2^-11 */
static bool boundedsum_block(struct boundedsum *sum, const double *x, size_t n, bool square) {
  pair_bits high = {0}, low = {0};
  pair_mask inside = {-1, -1};
  for (size_t i = 0; i < n; i += 2) {
    pair v;
    memcpy(&v, x + i, sizeof v);
    if (square) {
      v = v * v * 0x1p-11;
    }
    pair size = (pair)((pair_bits)v & 0x7fffffffffffffff);
    inside &= size < BOUNDEDSUM_LIMIT;
    pair shifted = v + M1;
    pair rest = (v - (shifted - M1)) + M2;
    high += (pair_bits)shifted;
    low += (pair_bits)rest;
  }
  if (!(inside[0] & inside[1])) {
    return false; /* 1 */
  }
  boundedsum_carry(sum, pair_fold(high, n / 2, M1_BITS), pair_fold(low, n / 2, M2_BITS));
  return true;
}

static bool boundedsum_terms(struct boundedsum *sum, const double *x, size_t n, bool square) {
  bool inside = true;
  for (size_t i = 0; i < n;) {
    size_t take = n - i < BLOCK ? (n - i) & ~(size_t)1 : BLOCK;
    double last[2] = {0, 0};
    if (take == 0) {
      last[0] = x[i];
      inside &= boundedsum_block(sum, last, 2, square);
      break;
    }
    inside &= boundedsum_block(sum, x + i, take, square);
    i += take;
  }
  sum->outside |= !inside;
  return inside;
}

bool boundedsum_add_array(struct boundedsum *sum, const double *x, size_t n) {
  return boundedsum_terms(sum, x, n, false);
}

void boundedsum_add(struct boundedsum *sum, double x) {
  (void)boundedsum_terms(sum, &x, 1, false);
}

bool boundedsum_add_counted(struct boundedsum *sum, const double *x, const uint64_t *count,
                            size_t n) {
  bool inside = true;
  for (size_t i = 0; i < n; i++) {
    struct boundedsum one = {0};
    if (boundedsum_terms(&one, x + i, 1, false)) {
      boundedsum_carry(sum, one.high * (wide)count[i], (wide)one.low * (wide)count[i]);
    } else {
      inside = inside && count[i] == 0;
    }
  }
  sum->outside |= !inside;
  return inside;
}

void boundedsum_merge(struct boundedsum *into, const struct boundedsum *from) {
  boundedsum_carry(into, from->high, from->low);
  into->outside |= from->outside;
}

/* The nearest double of (high·2^52 + low)·2^-92, high >= 0. */
static double magnitude(uwide high, uint64_t low) {
  if (high >> 76 == 0) {
    return ldexp((double)(high << LOW_BITS | low), -92);
  }
  return ldexp((double)(high | (low != 0)), -40); /* over 76 bits: the last one only breaks ties */
}

double boundedsum_value(const struct boundedsum *sum) {
  if (sum->outside) {
    return NAN;
  }
  if (sum->high >= 0) {
    return magnitude((uwide)sum->high, (uint64_t)sum->low);
  }
  struct boundedsum minus = {0};
  boundedsum_carry(&minus, -sum->high, -(wide)sum->low);
  return -magnitude((uwide)minus.high, (uint64_t)minus.low);
}

void boundedsum_value_pair(const struct boundedsum *sum, double *hi, double *lo) {
  *hi = boundedsum_value(sum);
  *lo = 0;
  if (sum->outside) {
    return;
  }
  double scaled = ldexp(*hi, 40), whole = floor(scaled);
  struct boundedsum rest = *sum;
  boundedsum_carry(&rest, -(wide)whole, -(wide)ldexp(scaled - whole, LOW_BITS));
  *lo = boundedsum_value(&rest);
}

static void put_64(uint8_t *bytes, uint64_t word) {
  for (int i = 0; i < 8; i++) {
    bytes[i] = (uint8_t)(word >> (8 * i));
  }
}

static uint64_t get_64(const uint8_t *bytes) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; i--) {
    word = word << 8 | bytes[i];
  }
  return word;
}

void boundedsum_save(const struct boundedsum *sum, uint8_t bytes[BOUNDEDSUM_SAVED_BYTES]) {
  bool marked =
      sum->outside != 0; /* a marked sum has no value, and its digits depend on the order */
  put_64(bytes, marked ? 0 : (uint64_t)sum->high);
  put_64(bytes + 8, marked ? 0 : (uint64_t)((uwide)sum->high >> 64));
  put_64(bytes + 16, marked ? 0 : (uint64_t)sum->low);
  put_64(bytes + 24, marked);
}

bool boundedsum_load(struct boundedsum *sum, const uint8_t bytes[BOUNDEDSUM_SAVED_BYTES]) {
  struct boundedsum read = {0};
  read.high = (wide)((uwide)get_64(bytes + 8) << 64 | get_64(bytes));
  read.low = (int64_t)get_64(bytes + 16);
  read.outside = get_64(bytes + 24);
  const wide most = (wide)1 << 114; /* 2^63 terms below 2^11, in units of 2^-40 */
  if (read.low < 0 || read.low > LOW_MASK || read.outside > 1 || read.high >= most ||
      read.high < -most) {
    return false;
  }
  *sum = read;
  return true;
}

bool boundedmoments_add_array(struct boundedmoments *moments, const double *x, size_t n) {
  moments->n += n;
  bool sums = boundedsum_terms(&moments->sum, x, n, false);
  return boundedsum_terms(&moments->square, x, n, true) && sums;
}

void boundedmoments_merge(struct boundedmoments *into, const struct boundedmoments *from) {
  into->n += from->n;
  boundedsum_merge(&into->sum, &from->sum);
  boundedsum_merge(&into->square, &from->square);
}

double boundedmoments_mean(const struct boundedmoments *moments) {
  return moments->n ? boundedsum_value(&moments->sum) / (double)moments->n : NAN;
}

double boundedmoments_variance(const struct boundedmoments *moments) {
  double s_hi, s_lo, q_hi, q_lo;
  boundedsum_value_pair(&moments->sum, &s_hi, &s_lo);
  boundedsum_value_pair(&moments->square, &q_hi, &q_lo);
  return boundedsum_variance(moments->n, s_hi, s_lo, ldexp(q_hi, 11), ldexp(q_lo, 11));
}

double boundedsum_variance(uint64_t n, double s_hi, double s_lo, double q_hi, double q_lo) {
  if (n < 2) {
    return NAN;
  }
  double count = (double)n;
  /* (s_hi + s_lo)²/n in double-double */
  double square = s_hi * s_hi;
  double square_rest = fma(s_hi, s_hi, -square) + 2 * s_hi * s_lo;
  double mean = square / count;
  double mean_rest = (fma(-mean, count, square) + square_rest) / count;
  double difference = (q_hi - mean) + (q_lo - mean_rest);
  /* q_hi - mean loses nothing when they are near, and little that matters when they are not */
  return difference > 0 ? difference / (count - 1) : difference <= 0 ? 0 : NAN;
}

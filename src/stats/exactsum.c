/*
 * A superaccumulator: a number of 2,144 bits in chunks of 64, each 32 bits further on, that holds
 * the sum of any doubles exactly.
 *
 * x = ±m·2^(e - 1075) with a 53-bit m and e in [1, 2046]. m, moved left by e mod 32, is split at
 * bit 32: the lower part goes into chunk e div 32, the upper (below 2^53) into the next. Chunks
 * overlap by 32 bits, so some 2^10 additions fit before carries are passed on. Carried, every chunk
 * but the last is in [0, 2^32) and the last is signed: one form for one value.
 *
 * 1. Exponent 2047: infinities and NaN only set a bit. 2. Subnormals have e = 1 and no hidden
 * bit. 3. A subnormal value needs no rounding: all terms are multiples of 2^-1074. 4. Beyond the
 * largest double: ±inf from exactsum_value, the state stays exact.
 *
 * R. M. Neal, Fast exact summation using small and large superaccumulators, arXiv:1505.05571
 * (2015).
 */
#include "stats/exactsum.h"

#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 uwide;

#define TOP (EXACTSUM_CHUNKS - 1)
#define PENDING_MOST 512
#define FRACTION_MASK 0xfffffffffffff
#define SPECIAL_NAN 1u
#define SPECIAL_PLUS 2u
#define SPECIAL_MINUS 4u

static void exactsum_carry(struct exactsum *sum) {
  for (int i = 0; i < TOP; i++) {
    int64_t carry = sum->chunk[i] >> 32;
    sum->chunk[i] &= 0xffffffff;
    sum->chunk[i + 1] += carry;
  }
  sum->n_pending = 0;
}

static void exactsum_special(struct exactsum *sum, double x) {
  sum->special |= isnan(x) ? SPECIAL_NAN : x > 0 ? SPECIAL_PLUS : SPECIAL_MINUS; /* 1 */
}

/* Without a look at n_pending. */
static inline void exactsum_put(struct exactsum *sum, double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  unsigned exponent = (unsigned)(bits >> 52) & 2047;
  uint64_t mantissa = bits & FRACTION_MASK;
  if (exponent == 0) {
    exponent = 1; /* 2 */
  } else if (exponent == 2047) {
    exactsum_special(sum, x);
    return;
  } else {
    mantissa |= (uint64_t)1 << 52;
  }
  unsigned place = exponent >> 5, shift = exponent & 31;
  int64_t low = (int64_t)(mantissa << shift & 0xffffffff);
  int64_t high = (int64_t)(mantissa >> (32 - shift));
  int64_t sign = -(int64_t)(bits >> 63);
  sum->chunk[place] += (low ^ sign) - sign;
  sum->chunk[place + 1] += (high ^ sign) - sign;
}

void exactsum_add_array(struct exactsum *sum, const double *x, size_t n) {
  while (n > 0) {
    if (sum->n_pending >= PENDING_MOST) {
      exactsum_carry(sum);
    }
    size_t room = PENDING_MOST - sum->n_pending, take = n < room ? n : room;
    for (size_t i = 0; i < take; i++) {
      exactsum_put(sum, x[i]);
    }
    sum->n_pending += (uint32_t)take;
    x += take;
    n -= take;
  }
}

void exactsum_add(struct exactsum *sum, double x) {
  exactsum_add_array(sum, &x, 1);
}

/* ±word·2^(32·place + shift): three 32-bit digits */
static void exactsum_put_word(struct exactsum *sum, uint64_t word, unsigned place, unsigned shift,
                              bool negative) {
  uwide moved = (uwide)word << shift;
  for (unsigned i = 0; i < 3; i++) {
    int64_t digit = (int64_t)(moved >> (32 * i) & 0xffffffff);
    unsigned beyond = place + i > TOP ? place + i - TOP : 0; /* the last chunk has room for them */
    digit *= (int64_t)1 << (32 * (beyond > 0 && digit != 0));
    sum->chunk[place + i - beyond] += negative ? -digit : digit;
  }
}

void exactsum_add_counted(struct exactsum *sum, double x, uint64_t count) {
  if (count == 0 || x == 0) {
    return;
  }
  if (!isfinite(x)) {
    exactsum_special(sum, x);
    return;
  }
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  unsigned exponent = (unsigned)(bits >> 52) & 2047;
  uint64_t mantissa = (bits & FRACTION_MASK) | (uint64_t)(exponent != 0) << 52;
  exponent += exponent == 0;
  uwide product = (uwide)mantissa * count;
  exactsum_put_word(sum, (uint64_t)product, exponent >> 5, exponent & 31, x < 0);
  exactsum_put_word(sum, (uint64_t)(product >> 64), (exponent >> 5) + 2, exponent & 31, x < 0);
  if (++sum->n_pending >= PENDING_MOST) {
    exactsum_carry(sum);
  }
}

void exactsum_merge(struct exactsum *into, const struct exactsum *from) {
  struct exactsum carried = *from;
  exactsum_carry(&carried);
  exactsum_carry(into);
  for (int i = 0; i < EXACTSUM_CHUNKS; i++) {
    into->chunk[i] += carried.chunk[i];
  }
  into->special |= carried.special;
  exactsum_carry(into);
}

static double special_value(uint32_t special) {
  return special == SPECIAL_PLUS ? INFINITY : special == SPECIAL_MINUS ? -INFINITY : NAN;
}

double exactsum_value(const struct exactsum *sum) {
  if (sum->special) {
    return special_value(sum->special);
  }
  struct exactsum work = *sum;
  exactsum_carry(&work);
  bool negative = work.chunk[TOP] < 0;
  if (negative) {
    for (int i = 0; i < EXACTSUM_CHUNKS; i++) {
      work.chunk[i] = -work.chunk[i];
    }
    exactsum_carry(&work);
  }
  int h = TOP;
  while (h > 0 && work.chunk[h] == 0) {
    h--;
  }
  if (h == TOP) {
    return negative ? -INFINITY : INFINITY; /* 4: at least 2^1037 */
  }
  int base = h > 2 ? h - 2 : 0;
  uwide top = 0;
  for (int i = h; i >= base; i--) {
    top = top << 32 | (uwide)work.chunk[i];
  }
  for (int i = base - 1; i >= 0; i--) {
    if (work.chunk[i] != 0) {
      top |= 1; /* over 64 bits stand above: it only breaks ties */
      break;
    }
  }
  double value = ldexp((double)top, 32 * base - 1075);
  return negative ? -value : value;
}

void exactsum_value_pair(const struct exactsum *sum, double *hi, double *lo) {
  *hi = exactsum_value(sum);
  *lo = 0;
  if (isfinite(*hi)) {
    struct exactsum rest = *sum;
    exactsum_add(&rest, -*hi);
    *lo = exactsum_value(&rest);
  }
}

void exactsum_save(const struct exactsum *sum, uint8_t bytes[EXACTSUM_SAVED_BYTES]) {
  struct exactsum work = *sum;
  exactsum_carry(&work);
  for (int i = 0; i < TOP; i++) {
    for (int j = 0; j < 4; j++) {
      *bytes++ = (uint8_t)(work.chunk[i] >> (8 * j));
    }
  }
  for (int j = 0; j < 8; j++) {
    bytes[j] = (uint8_t)((uint64_t)work.chunk[TOP] >> (8 * j));
    bytes[8 + j] = (uint8_t)((uint64_t)work.special >> (8 * j));
  }
}

bool exactsum_load(struct exactsum *sum, const uint8_t bytes[EXACTSUM_SAVED_BYTES]) {
  struct exactsum work = {0};
  for (int i = 0; i < TOP; i++, bytes += 4) {
    work.chunk[i] = (int64_t)bytes[0] | (int64_t)bytes[1] << 8 | (int64_t)bytes[2] << 16 |
                    (int64_t)bytes[3] << 24;
  }
  uint64_t top = 0, special = 0;
  for (int j = 7; j >= 0; j--) {
    top = top << 8 | bytes[j];
    special = special << 8 | bytes[8 + j];
  }
  if (special > (SPECIAL_NAN | SPECIAL_PLUS | SPECIAL_MINUS)) {
    return false;
  }
  work.chunk[TOP] = (int64_t)top;
  work.special = (uint32_t)special;
  *sum = work;
  return true;
}

void exactmoments_add_array(struct exactmoments *moments, const double *x, size_t n) {
  double square[256];
  moments->n += n;
  exactsum_add_array(&moments->sum, x, n);
  while (n > 0) {
    size_t take = n < 256 ? n : 256;
    for (size_t i = 0; i < take; i++) {
      square[i] = x[i] * x[i];
    }
    exactsum_add_array(&moments->square, square, take);
    x += take;
    n -= take;
  }
}

void exactmoments_merge(struct exactmoments *into, const struct exactmoments *from) {
  into->n += from->n;
  exactsum_merge(&into->sum, &from->sum);
  exactsum_merge(&into->square, &from->square);
}

double exactmoments_mean(const struct exactmoments *moments) {
  return moments->n ? exactsum_value(&moments->sum) / (double)moments->n : NAN;
}

double exactmoments_variance(const struct exactmoments *moments) {
  double s_hi, s_lo, q_hi, q_lo;
  exactsum_value_pair(&moments->sum, &s_hi, &s_lo);
  exactsum_value_pair(&moments->square, &q_hi, &q_lo);
  return boundedsum_variance(moments->n, s_hi, s_lo, q_hi, q_lo);
}

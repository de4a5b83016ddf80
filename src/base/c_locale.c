/*
 * The "C" locale for one thread and one call.
 *
 *  1. newlocale("C") hands out a static object in glibc and musl, so nothing is allocated or
 * leaked; elsewhere it is made once.
 *  2. Where it cannot be made, the thread stays in the host's locale: (locale_t)0 makes uselocale a
 * query.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/c_locale.h"

#include <locale.h>
#include <pthread.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void c_locale_make(void) {
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

void *c_locale_enter(void) {
  (void)pthread_once(&c_locale_once, c_locale_make); /* 1 */
  return (void *)uselocale(c_locale);                /* 2 */
}

void c_locale_leave(void *previous) {
  (void)uselocale((locale_t)previous);
}

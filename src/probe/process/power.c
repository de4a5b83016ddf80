/*
 * Energy from Linux' powercap (power.h): each zone whose name begins with "package" is a processor
 * with its caches and memory controllers; zones inside it (core, uncore) would be counted twice.
 *
 *   a zone  intel-rapl:0/ { name, energy_uj, max_energy_range_uj }
 *
 * Cases:
 *  1. No folder, no package in it: no counter, and the reason says which.
 *  2. energy_uj is readable by root alone since 2020 (CVE-2020-8694): said, with what to do.
 *  3. The counter starts again at max_energy_range_uj: differences are taken modulo it; it must be
 *     read once a minute or so to be right.
 *  4. A counter that stops being readable or says no number: NaN from then on.
 */
#include "probe/process/power.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double number_at(int fd) {
  char text[64];
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  char *end = text;
  text[n > 0 ? n : 0] = '\0';
  double value = n > 0 ? (double)strtoull(text, &end, 10) : NAN;
  return end == text ? NAN : value;
}

static int open_in(const char *root, const char *zone, const char *name) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/%s/%s", root, zone, name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static int is_package(const char *root, const char *zone) {
  char name[64] = "";
  int fd = open_in(root, zone, "name");
  ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : 0;
  if (fd >= 0) {
    (void)close(fd);
  }
  return n > 0 && strncmp(name, "package", 7) == 0;
}

/* One package; its counter may be out of reach (2). */
static void add_zone(struct power *power, const char *root, const char *zone, char why[208]) {
  int fd = open_in(root, zone, "energy_uj"), range = open_in(root, zone, "max_energy_range_uj");
  if (fd < 0) {
    (void)snprintf(why, 208, "%.60s/%.40s/energy_uj cannot be read (%.40s): it is root's alone",
                   root, zone, strerror(errno));
  } else {
    double last = number_at(fd), most = range >= 0 ? number_at(range) : NAN;
    if (isnan(last)) {
      (void)snprintf(why, 208, "%.60s/%.40s/energy_uj says no number", root, zone);
      (void)close(fd);
    } else {
      power->fd[power->n_zones] = fd;
      power->last[power->n_zones] = last;
      power->range[power->n_zones++] = most;
    }
  }
  if (range >= 0) {
    (void)close(range);
  }
}

void power_open(struct power *power, const char *root, char why[208]) {
  DIR *folder = opendir(root);
  *power = (struct power){0};
  (void)snprintf(why, 208, "this machine has no power counters: %.80s %s", root,
                 folder == NULL ? "is not there" : "has no zone of a processor package");
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    if (power->n_zones < POWER_ZONES && entry->d_name[0] != '.' &&
        is_package(root, entry->d_name)) {
      add_zone(power, root, entry->d_name, why);
    }
  }
  if (folder != NULL) {
    (void)closedir(folder);
  }
  if (power->n_zones > 0) {
    why[0] = '\0';
  }
}

double power_read(struct power *power) {
  for (size_t i = 0; i < power->n_zones; i++) {
    double now = number_at(power->fd[i]);
    double step = now - power->last[i];
    power->sum_uj += step < 0 ? step + power->range[i] : step; /* 3, 4 */
    power->last[i] = now;
  }
  return power->n_zones > 0 ? power->sum_uj : NAN; /* 1 */
}

void power_close(struct power *power) {
  for (size_t i = 0; i < power->n_zones; i++) {
    (void)close(power->fd[i]);
  }
  *power = (struct power){0};
}

/* The requests of launches, and laws over launches: what the measures of time share. */
#ifndef EFFICIENCY_LAUNCHES_H
#define EFFICIENCY_LAUNCHES_H

#include "measure/law.h"
#include "probe/answers.h"

#define LAUNCHES_MS_PER_NS 1e-6

/* Requests of a stream in all launches; the fewest that any launch has. */
size_t launches_requests(const struct probe_latency *latency, int stream);
size_t launches_fewest(const struct probe_latency *latency, int stream);
/* A launch may have too few requests of a model because it waited for a core almost all its time.
 * A tenth of the launches may be so and are left out of a pair, both models of them, as long as
 * there are 10 others. */
bool launches_is_long(const struct probe_launch *launch, size_t needs);
/* How many are not; *fewest: the requests of either model in the shortest. */
size_t launches_short(const struct probe_latency *latency, size_t needs, size_t *fewest);
bool launches_suffice(size_t n, size_t n_short);
void launches_note_short(struct view *view, size_t n_short, size_t needs);
/* The budget in seconds that gives about `needs` where it gave `has`. */
double launches_seconds(const struct probe_latency *latency, size_t needs, size_t has);
/* No value: `has` requests in all launches and `needs` of them are needed. */
void launches_missing(const struct measure *measure, struct view *view, size_t needs, size_t has,
                      struct inference *out);
/* The times of launches from … to − 1 in milliseconds, sorted; `out` has room for
 * launches_requests.
 */
nonet_status launches_sorted_ms(const struct probe_latency *latency, size_t from, size_t to,
                                int stream, double *out, size_t *n,
                                nonet_error *error) NONET_NODISCARD;
/* Σ over launches of (k_l − n_l k/n)², with k_l of the n_l requests of launch l at or below the
 * limit and k, n those of all. */
double launches_squares(const struct probe_latency *latency, int stream, double limit_ns, double n);

/* Was the machine busy in a quarter of the launches? */
bool launches_busy(const struct probe_latency *latency);
void launches_note(struct view *view, const struct probe_latency *latency, int stream);
void launches_note_load(struct view *view, double run_queue, double steal);
/* Takes back what a law says of how fast a model is: its lower bound becomes the least value. */
nonet_status launches_widen(const struct measure *measure, struct view *view, struct inference *out,
                            nonet_error *error) NONET_NODISCARD;

/* Laws of one value for each launch, all above 0. */
void launches_geometric(const struct measure *measure, struct view *view, const double *x, size_t n,
                        struct inference *out);
void launches_ratio(const struct measure *measure, struct view *view, const double *x_a,
                    const double *x_b, size_t n, bool is_counted, struct inference *out);

#endif

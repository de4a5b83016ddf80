/* What the drivers of this folder share with model.c; nothing outside the folder includes it. */
#ifndef MODEL_MODEL_PARTS_H
#define MODEL_MODEL_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/class_map.h"
#include "model/model.h"
#include "table/arrowcol.h"

#define MODEL_BATCH_ROWS 4096

/* What the numbers of a model are. */
enum model_link {
  MODEL_LINK_NONE,        /* a regression's values */
  MODEL_LINK_PROBABILITY, /* in [0, 1] */
  MODEL_LINK_LOGIT,       /* of a sigmoid (one number) or a softmax */
  MODEL_LINK_OPEN         /* not told; see model_scores.c */
};

/* A runtime. Functions that may be NULL: close, session_close, profile_end. */
struct model_driver {
  /* Fills info, columns (model_want) and self. */
  nonet_status (*open)(struct model *model, const struct model_options *options,
                       nonet_error *error);
  void (*close)(struct model *model);
  /* Columns and target stand; checks types and shapes, sets width, gives_…, link. */
  nonet_status (*bind)(struct model *model, nonet_error *error);
  nonet_status (*session_open)(struct model_session *session, nonet_error *error);
  void (*session_close)(struct model_session *session);
  /* The session's columns are bound to an array; rows go behind the session's n_rows. */
  nonet_status (*add)(struct model_session *session, int64_t start, int64_t n, nonet_error *error);
  /* raw: [n_rows × width], room for it whatever is given; labels may be NULL. */
  nonet_status (*run)(struct model_session *session, double *raw, uint32_t *labels,
                      nonet_error *error);
  nonet_status (*profile_end)(struct model *model, nonet_error *error);
};
extern const struct model_driver onnx_driver, xgboost_driver, lightgbm_driver, command_driver;

struct model_want {
  const char *column, *input; /* the table's column, and the input that reads it */
};

struct model {
  const struct model_driver *driver;
  void *self;
  struct model_info info;
  void **kept; /* blocks that go with the model */
  size_t n_kept, kept_capacity;
  size_t facts_capacity, notes_capacity, columns_capacity;
  struct model_want *wants; /* [n_columns] */
  const char **columns;     /* [n_columns] */
  size_t n_columns;
  size_t threads; /* inside one call, at least 1 */
  enum model_output output;
  enum model_layout layout;
  pthread_mutex_t lock; /* of the notes */
  /* from bind on */
  bool is_bound, gives_scores, gives_labels;
  size_t *child;            /* [n_columns] place in the table's schema */
  struct arrow_type *types; /* [n_columns] */
  size_t n_types;
  struct ArrowSchema *schemas; /* [n_columns] copies; a command hands them on */
  enum model_task task;
  struct class_map classes;
  size_t width;     /* raw numbers a row */
  size_t *class_of; /* [width] the run's class of each; NULL: one number */
  _Atomic int link;
  _Atomic bool is_decided; /* the link was found by range, not told */
};

struct model_session {
  struct model *model;
  void *self;
  struct arrowcol *columns; /* [n_columns] of the array at hand */
  size_t capacity, n_rows;
  uint64_t *rows; /* [capacity] data rows, for messages */
  double *raw;    /* [capacity × width] */
};

/* ---- model_info.c: what belongs to the model ------------------------------------------------ */

/* Memory that is freed with the model; NULL when there is none. */
void *model_keep(struct model *model, size_t n, size_t size_bytes) NONET_NODISCARD; /* zeroed */
const char *model_keep_text(struct model *model, const char *text) NONET_NODISCARD;
nonet_status model_fact(struct model *model, const char *key, const char *value,
                        nonet_error *error) NONET_NODISCARD;
nonet_status model_note(struct model *model, nonet_error *error, const char *format, ...)
    NONET_PRINTF(3, 4) NONET_NODISCARD;
/* The place of a column among those the model reads; added when it is new. */
nonet_status model_want(struct model *model, const char *column, const char *input, size_t *place,
                        nonet_error *error) NONET_NODISCARD;
/* Hashes the file at `path` into info. */
nonet_status model_file(struct model *model, const char *path, nonet_error *error) NONET_NODISCARD;

/* ---- model_scores.c: raw numbers to scores --------------------------------------------------- */

/* Called by a driver's bind: how many raw numbers a row has, checked against the target, with the
   names the model has for them (NULL: the run's order). */
nonet_status model_set_width(struct model *model, size_t width, const char *const *names,
                             const char *output, nonet_error *error) NONET_NODISCARD;
/* Class names that the model told before any row against the run's. */
nonet_status model_check_classes(struct model *model, const char *const *names, size_t n,
                                 nonet_error *error) NONET_NODISCARD;
nonet_status model_finish(struct model *model, const double *raw, const uint64_t *rows, size_t n,
                          double *scores, nonet_error *error) NONET_NODISCARD;

/* "row 17: column 'age' …" for a value that cannot be fed. */
nonet_status model_bad_value(const struct model_session *session, size_t column, int64_t at,
                             const char *why, nonet_error *error) NONET_NODISCARD;

#endif

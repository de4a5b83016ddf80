/*
 * The functions of LightGBM's C API that we call (LightGBM/c_api.h, MIT; documented under "C API"
 * of its manual), as pointers that are filled when the library is loaded; held against the calls
 * that LightGBM 4.7.0's own Python package makes. All but the last return 0, or −1 with the reason
 * in LGBM_GetLastError.
 */
#ifndef MODEL_LIGHTGBM_API_H
#define MODEL_LIGHTGBM_API_H

#include <stdint.h>

#include <nonet/status.h>

typedef void *LightgbmBooster;

#define LIGHTGBM_FLOAT64 1        /* C_API_DTYPE_FLOAT64 */
#define LIGHTGBM_PREDICT_NORMAL 0 /* C_API_PREDICT_NORMAL: what the objective makes of the sum */

/* X(name, result, arguments) */
#define LIGHTGBM_API_CALLS(X)                                                                      \
  X(LGBM_BoosterCreateFromModelfile, int,                                                          \
    (const char *path, int *n_iterations, LightgbmBooster *out))                                   \
  X(LGBM_BoosterFree, int, (LightgbmBooster booster))                                              \
  X(LGBM_BoosterGetNumClasses, int, (LightgbmBooster booster, int *n))                             \
  X(LGBM_BoosterGetNumFeature, int, (LightgbmBooster booster, int *n))                             \
  X(LGBM_BoosterPredictForMat, int,                                                                \
    (LightgbmBooster booster, const void *values, int type, int32_t n_rows, int32_t n_columns,     \
     int is_row_major, int what, int first_iteration, int n_iterations, const char *parameters,    \
     int64_t *n, double *result))                                                                  \
  X(LGBM_RegisterLogCallback, int, (void (*callback)(const char *)))                               \
  X(LGBM_GetLastError, const char *, (void))

struct lightgbm_api {
#define LIGHTGBM_API_MEMBER(name, result, arguments) result(*name) arguments;
  LIGHTGBM_API_CALLS(LIGHTGBM_API_MEMBER)
#undef LIGHTGBM_API_MEMBER
  char runtime[64]; /* "lightgbm 4.7.0"; "lightgbm" where nothing beside the library tells */
  char path[512];
};

/* Loads the library once for the process and keeps it. Thread-safe. */
nonet_status lightgbm_api_open(const struct lightgbm_api **api, nonet_error *error) NONET_NODISCARD;
/* Its log is each thread's own: called on a thread before the library is, it goes nowhere. */
void lightgbm_api_quiet(const struct lightgbm_api *api);

#endif

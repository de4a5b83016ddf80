/*
 * The functions of XGBoost's C API that we call (xgboost/c_api.h, Apache-2.0; documented under "C
 * API Reference" of its manual), as pointers that are filled when the library is loaded. A stable C
 * ABI: every one but XGBoosterPredictFromDense (1.4) is older; 1.7 and 3.2 were tried. All but the
 * last two return 0, or −1 with the reason in XGBGetLastError.
 */
#ifndef MODEL_XGBOOST_API_H
#define MODEL_XGBOOST_API_H

#include <stdint.h>

#include <nonet/status.h>

typedef void *BoosterHandle;
typedef void *DMatrixHandle;

/* X(name, result, arguments) */
#define XGBOOST_API_CALLS(X)                                                                       \
  X(XGBoosterCreate, int, (const DMatrixHandle *cache, uint64_t n_cache, BoosterHandle *out))      \
  X(XGBoosterFree, int, (BoosterHandle booster))                                                   \
  X(XGBoosterLoadModel, int, (BoosterHandle booster, const char *path))                            \
  X(XGBoosterSetParam, int, (BoosterHandle booster, const char *name, const char *value))          \
  X(XGBoosterGetNumFeature, int, (BoosterHandle booster, uint64_t *n))                             \
  X(XGBoosterGetStrFeatureInfo, int,                                                               \
    (BoosterHandle booster, const char *field, uint64_t *n, const char ***values))                 \
  X(XGBoosterSaveJsonConfig, int, (BoosterHandle booster, uint64_t *length, const char **json))    \
  X(XGBoosterPredictFromDense, int,                                                                \
    (BoosterHandle booster, const char *values, const char *config, DMatrixHandle proxy,           \
     const uint64_t **shape, uint64_t *n_dims, const float **result))                              \
  X(XGBoosterPredictFromDMatrix, int,                                                              \
    (BoosterHandle booster, DMatrixHandle matrix, const char *config, const uint64_t **shape,      \
     uint64_t *n_dims, const float **result))                                                      \
  X(XGDMatrixCreateFromDense, int, (const char *values, const char *config, DMatrixHandle *out))   \
  X(XGDMatrixFree, int, (DMatrixHandle matrix))                                                    \
  X(XGBRegisterLogCallback, int, (void (*callback)(const char *)))                                 \
  X(XGBoostVersion, void, (int *major, int *minor, int *patch))                                    \
  X(XGBGetLastError, const char *, (void))

struct xgboost_api {
#define XGBOOST_API_MEMBER(name, result, arguments) result(*name) arguments;
  XGBOOST_API_CALLS(XGBOOST_API_MEMBER)
#undef XGBOOST_API_MEMBER
  char runtime[64]; /* "xgboost 3.2.0" */
  char path[512];
};

/* Loads the library once for the process and keeps it. Thread-safe. */
nonet_status xgboost_api_open(const struct xgboost_api **api, nonet_error *error) NONET_NODISCARD;

#endif

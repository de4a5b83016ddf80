/* Boosters of XGBoost and LightGBM as artifacts. */
#ifndef ARTIFACT_BOOSTER_H
#define ARTIFACT_BOOSTER_H

#include "artifact/artifact.h"

nonet_status booster_read_xgboost(const char *data, size_t size_bytes, struct artifact *artifact,
                                  nonet_error *error) NONET_NODISCARD;
nonet_status booster_read_lightgbm(const char *data, size_t size_bytes, struct artifact *artifact,
                                   nonet_error *error) NONET_NODISCARD;

#endif

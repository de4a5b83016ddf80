/* Universal Binary JSON, as far as XGBoost writes it. */
#ifndef ARTIFACT_UBJ_H
#define ARTIFACT_UBJ_H

#include <stddef.h>

#include <jansson.h>

#include <nonet/status.h>

#define UBJ_DEPTH 64

/* NONET_E_DATA names the byte; json_decref the value. */
nonet_status ubj_parse(const void *data, size_t size_bytes, json_t **value,
                       nonet_error *error) NONET_NODISCARD;

#endif

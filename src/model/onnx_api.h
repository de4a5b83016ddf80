/*
 * The part of ONNX Runtime's C API that we call, so that a build needs no header of theirs.
 *
 * The API is one table of function pointers that is only ever appended to ("DO NOT change the order
 * of functions", onnxruntime_c_api.h), so a function is its place in the table. Version 17 has all
 * we call; every later library hands it out. Names, arguments and constants are those of
 * onnxruntime_c_api.h (MIT, Microsoft); `tools/check-onnx-api HEADER` holds this table against it.
 */
#ifndef MODEL_ONNX_API_H
#define MODEL_ONNX_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define ONNX_API_VERSION 17
#define ONNX_API_RELEASE "1.17"

#ifndef ORT_API_VERSION /* the check includes the official header first */
typedef struct OrtEnv OrtEnv;
typedef struct OrtStatus OrtStatus;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtSession OrtSession;
typedef struct OrtValue OrtValue;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtMapTypeInfo OrtMapTypeInfo;
typedef struct OrtSequenceTypeInfo OrtSequenceTypeInfo;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtModelMetadata OrtModelMetadata;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtCUDAProviderOptionsV2 OrtCUDAProviderOptionsV2;
typedef OrtStatus *OrtStatusPtr;

typedef enum ONNXTensorElementDataType {
  ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32,
  ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64
} ONNXTensorElementDataType;

typedef enum ONNXType {
  ONNX_TYPE_UNKNOWN,
  ONNX_TYPE_TENSOR,
  ONNX_TYPE_SEQUENCE,
  ONNX_TYPE_MAP
} ONNXType;
typedef enum OrtLoggingLevel { ORT_LOGGING_LEVEL_FATAL = 4 } OrtLoggingLevel;
typedef enum OrtErrorCode { ORT_OK, ORT_FAIL, ORT_INVALID_ARGUMENT, ORT_NO_SUCHFILE } OrtErrorCode;
typedef enum ExecutionMode { ORT_SEQUENTIAL = 0 } ExecutionMode;
typedef enum OrtAllocatorType { OrtArenaAllocator = 1 } OrtAllocatorType;
typedef enum OrtMemType { OrtMemTypeDefault = 0 } OrtMemType;
#endif

/* X(place, name, result, arguments) */
#define ONNX_API_CALLS(X)                                                                          \
  X(1, GetErrorCode, OrtErrorCode, (const OrtStatus *))                                            \
  X(2, GetErrorMessage, const char *, (const OrtStatus *))                                         \
  X(3, CreateEnv, OrtStatusPtr, (OrtLoggingLevel, const char *, OrtEnv **))                        \
  X(6, DisableTelemetryEvents, OrtStatusPtr, (const OrtEnv *))                                     \
  X(7, CreateSession, OrtStatusPtr,                                                                \
    (const OrtEnv *, const char *, const OrtSessionOptions *, OrtSession **))                      \
  X(9, Run, OrtStatusPtr,                                                                          \
    (OrtSession *, const OrtRunOptions *, const char *const *, const OrtValue *const *, size_t,    \
     const char *const *, size_t, OrtValue **))                                                    \
  X(10, CreateSessionOptions, OrtStatusPtr, (OrtSessionOptions **))                                \
  X(13, SetSessionExecutionMode, OrtStatusPtr, (OrtSessionOptions *, ExecutionMode))               \
  X(14, EnableProfiling, OrtStatusPtr, (OrtSessionOptions *, const char *))                        \
  X(22, SetSessionLogSeverityLevel, OrtStatusPtr, (OrtSessionOptions *, int))                      \
  X(24, SetIntraOpNumThreads, OrtStatusPtr, (OrtSessionOptions *, int))                            \
  X(25, SetInterOpNumThreads, OrtStatusPtr, (OrtSessionOptions *, int))                            \
  X(30, SessionGetInputCount, OrtStatusPtr, (const OrtSession *, size_t *))                        \
  X(31, SessionGetOutputCount, OrtStatusPtr, (const OrtSession *, size_t *))                       \
  X(33, SessionGetInputTypeInfo, OrtStatusPtr, (const OrtSession *, size_t, OrtTypeInfo **))       \
  X(34, SessionGetOutputTypeInfo, OrtStatusPtr, (const OrtSession *, size_t, OrtTypeInfo **))      \
  X(36, SessionGetInputName, OrtStatusPtr, (const OrtSession *, size_t, OrtAllocator *, char **))  \
  X(37, SessionGetOutputName, OrtStatusPtr, (const OrtSession *, size_t, OrtAllocator *, char **)) \
  X(48, CreateTensorAsOrtValue, OrtStatusPtr,                                                      \
    (OrtAllocator *, const int64_t *, size_t, ONNXTensorElementDataType, OrtValue **))             \
  X(49, CreateTensorWithDataAsOrtValue, OrtStatusPtr,                                              \
    (const OrtMemoryInfo *, void *, size_t, const int64_t *, size_t, ONNXTensorElementDataType,    \
     OrtValue **))                                                                                 \
  X(51, GetTensorMutableData, OrtStatusPtr, (OrtValue *, void **))                                 \
  X(52, FillStringTensor, OrtStatusPtr, (OrtValue *, const char *const *, size_t))                 \
  X(53, GetStringTensorDataLength, OrtStatusPtr, (const OrtValue *, size_t *))                     \
  X(54, GetStringTensorContent, OrtStatusPtr,                                                      \
    (const OrtValue *, void *, size_t, size_t *, size_t))                                          \
  X(55, CastTypeInfoToTensorInfo, OrtStatusPtr,                                                    \
    (const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **))                                     \
  X(56, GetOnnxTypeFromTypeInfo, OrtStatusPtr, (const OrtTypeInfo *, ONNXType *))                  \
  X(60, GetTensorElementType, OrtStatusPtr,                                                        \
    (const OrtTensorTypeAndShapeInfo *, ONNXTensorElementDataType *))                              \
  X(61, GetDimensionsCount, OrtStatusPtr, (const OrtTensorTypeAndShapeInfo *, size_t *))           \
  X(62, GetDimensions, OrtStatusPtr, (const OrtTensorTypeAndShapeInfo *, int64_t *, size_t))       \
  X(63, GetSymbolicDimensions, OrtStatusPtr,                                                       \
    (const OrtTensorTypeAndShapeInfo *, const char **, size_t))                                    \
  X(64, GetTensorShapeElementCount, OrtStatusPtr, (const OrtTensorTypeAndShapeInfo *, size_t *))   \
  X(65, GetTensorTypeAndShape, OrtStatusPtr, (const OrtValue *, OrtTensorTypeAndShapeInfo **))     \
  X(67, GetValueType, OrtStatusPtr, (const OrtValue *, ONNXType *))                                \
  X(69, CreateCpuMemoryInfo, OrtStatusPtr, (OrtAllocatorType, OrtMemType, OrtMemoryInfo **))       \
  X(76, AllocatorFree, OrtStatusPtr, (OrtAllocator *, void *))                                     \
  X(78, GetAllocatorWithDefaultOptions, OrtStatusPtr, (OrtAllocator **))                           \
  X(80, GetValue, OrtStatusPtr, (const OrtValue *, int, OrtAllocator *, OrtValue **))              \
  X(81, GetValueCount, OrtStatusPtr, (const OrtValue *, size_t *))                                 \
  X(93, ReleaseStatus, void, (OrtStatus *))                                                        \
  X(94, ReleaseMemoryInfo, void, (OrtMemoryInfo *))                                                \
  X(95, ReleaseSession, void, (OrtSession *))                                                      \
  X(96, ReleaseValue, void, (OrtValue *))                                                          \
  X(98, ReleaseTypeInfo, void, (OrtTypeInfo *))                                                    \
  X(99, ReleaseTensorTypeAndShapeInfo, void, (OrtTensorTypeAndShapeInfo *))                        \
  X(100, ReleaseSessionOptions, void, (OrtSessionOptions *))                                       \
  X(103, CastTypeInfoToMapTypeInfo, OrtStatusPtr, (const OrtTypeInfo *, const OrtMapTypeInfo **))  \
  X(104, CastTypeInfoToSequenceTypeInfo, OrtStatusPtr,                                             \
    (const OrtTypeInfo *, const OrtSequenceTypeInfo **))                                           \
  X(105, GetMapKeyType, OrtStatusPtr, (const OrtMapTypeInfo *, ONNXTensorElementDataType *))       \
  X(106, GetMapValueType, OrtStatusPtr, (const OrtMapTypeInfo *, OrtTypeInfo **))                  \
  X(107, GetSequenceElementType, OrtStatusPtr, (const OrtSequenceTypeInfo *, OrtTypeInfo **))      \
  X(110, SessionEndProfiling, OrtStatusPtr, (OrtSession *, OrtAllocator *, char **))               \
  X(111, SessionGetModelMetadata, OrtStatusPtr, (const OrtSession *, OrtModelMetadata **))         \
  X(112, ModelMetadataGetProducerName, OrtStatusPtr,                                               \
    (const OrtModelMetadata *, OrtAllocator *, char **))                                           \
  X(116, ModelMetadataLookupCustomMetadataMap, OrtStatusPtr,                                       \
    (const OrtModelMetadata *, OrtAllocator *, const char *, char **))                             \
  X(118, ReleaseModelMetadata, void, (OrtModelMetadata *))                                         \
  X(123, ModelMetadataGetCustomMetadataMapKeys, OrtStatusPtr,                                      \
    (const OrtModelMetadata *, OrtAllocator *, char ***, int64_t *))                               \
  X(130, AddSessionConfigEntry, OrtStatusPtr, (OrtSessionOptions *, const char *, const char *))   \
  X(204, SessionOptionsAppendExecutionProvider_CUDA_V2, OrtStatusPtr,                              \
    (OrtSessionOptions *, const OrtCUDAProviderOptionsV2 *))                                       \
  X(205, CreateCUDAProviderOptions, OrtStatusPtr, (OrtCUDAProviderOptionsV2 **))                   \
  X(208, ReleaseCUDAProviderOptions, void, (OrtCUDAProviderOptionsV2 *))                           \
  X(273, SetDeterministicCompute, OrtStatusPtr, (OrtSessionOptions *, bool))

struct onnx_api {
#define ONNX_API_MEMBER(place, name, result, arguments) result(*name) arguments;
  ONNX_API_CALLS(ONNX_API_MEMBER)
#undef ONNX_API_MEMBER
  OrtEnv *env;
  OrtAllocator *allocator;
  OrtMemoryInfo *memory;
  char runtime[64]; /* "onnxruntime 1.32.0" */
  char path[512];
};

/* Loads the library once for the process and keeps it; the same pointer every time. Thread-safe.
   NONET_E_UNAVAILABLE says where was looked and how to get it. */
nonet_status onnx_api_open(const struct onnx_api **api, nonet_error *error) NONET_NODISCARD;
/* Takes the runtime's status: NONET_OK for none, else `as` with "WHAT: its message", released. */
nonet_status onnx_api_check(const struct onnx_api *api, OrtStatus *status, nonet_status as,
                            const char *what, nonet_error *error) NONET_NODISCARD;
/* Takes the status of a call whose failure changes nothing. */
void onnx_api_drop(const struct onnx_api *api, OrtStatus *status);

#endif

#ifndef INFINITE_FORMER_GRAPH_CALL_H_
#define INFINITE_FORMER_GRAPH_CALL_H_

#include <cstring>
#include <string>
#include <vector>

// Included by addon.cc after graph_function.h.
namespace infinite_former {

// Throws a failed status; TensorFlow's lack of memory has a code of its own.
inline napi_value ThrowStatus(napi_env env, const std::string &what, const tfnodejs::TF_AutoStatus &status) {
  const bool memory = TF_GetCode(status.status) == TF_RESOURCE_EXHAUSTED;
  const std::string message = what + TF_Message(status.status);
  napi_throw_error(env, memory ? "ERR_OUT_OF_MEMORY" : "ERR_TENSORFLOW", message.c_str());
  return nullptr;
}

inline napi_value NewBytes(napi_env env, napi_typedarray_type type, size_t count, const void *data, size_t length) {
  napi_value buffer, array;
  void *memory = nullptr;
  if (napi_create_arraybuffer(env, length, &memory, &buffer) != napi_ok) return nullptr;
  if (length > 0) std::memcpy(memory, data, length);
  if (napi_create_typedarray(env, type, count, buffer, 0, &array) != napi_ok) return nullptr;
  return array;
}

inline bool ReadInts(napi_env env, napi_value value, const int32_t **data, size_t *count) {
  bool is_typed = false;
  napi_typedarray_type type;
  void *start = nullptr;
  if (napi_is_typedarray(env, value, &is_typed) != napi_ok || !is_typed ||
      napi_get_typedarray_info(env, value, &type, count, &start, nullptr, nullptr) != napi_ok) {
    return false;
  }
  *data = static_cast<const int32_t *>(start);
  return type == napi_int32_array;
}

// runGraphFunction(name: string, inputs: Int32Array, outputCount: number): Int32Array
// What executeOp does for an operation without attributes, but for hundreds of
// tensors: ids come in one array; id, data type, rank and dimensions of every
// output go out in one.
inline napi_value RunGraphFunction(napi_env env, napi_callback_info info) {
  static const char *const kName = "runGraphFunction: ";
  size_t argc = 3;
  napi_value args[3];
  std::string name;
  size_t count = 0;
  const int32_t *ids = nullptr;
  int32_t output_count = 0;
  if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok || argc < 3 ||
      !ReadString(env, args[0], &name) || !ReadInts(env, args[1], &ids, &count) ||
      napi_get_value_int32(env, args[2], &output_count) != napi_ok || output_count < 0) {
    return Throw(env, std::string(kName) + "arguments must be (name: string, inputs: Int32Array, outputCount: number)");
  }
  tfnodejs::TFJSBackend *backend = tfnodejs::GetTFJSBackend(env);
  if (backend == nullptr) return nullptr;

  tfnodejs::TF_AutoStatus status;
  tfnodejs::TFE_AutoOp call(TFE_NewOp(backend->tfe_context_, name.c_str(), status.status));
  if (Failed(status)) return ThrowStatus(env, kName, status);
  for (size_t i = 0; i < count; i++) {
    const auto entry = backend->tfe_handle_map_.find(ids[i]);
    if (entry == backend->tfe_handle_map_.end()) {
      return Throw(env, kName + ("there is no tensor with id " + std::to_string(ids[i])));
    }
    TFE_OpAddInput(call.op, entry->second, status.status);
    if (Failed(status)) return ThrowStatus(env, kName, status);
  }

  std::vector<TFE_TensorHandle *> outputs(output_count, nullptr);
  int made = output_count;
  TFE_Execute(call.op, outputs.data(), &made, status.status);
  if (Failed(status)) return ThrowStatus(env, kName, status);

  // Every handle is in the table before anything else can fail.
  std::vector<int32_t> described;
  described.reserve(made * 6);
  for (TFE_TensorHandle *output : outputs) {
    described.push_back(backend->InsertHandle(output));
    described.push_back(TFE_TensorHandleDataType(output));
    const int rank = TFE_TensorHandleNumDims(output, status.status);
    described.push_back(rank);
    for (int axis = 0; axis < rank; axis++) {
      described.push_back(static_cast<int32_t>(TFE_TensorHandleDim(output, axis, status.status)));
    }
  }
  if (Failed(status)) return ThrowStatus(env, kName, status);
  return NewBytes(env, napi_int32_array, described.size(), described.data(), described.size() * sizeof(int32_t));
}

// opDefinitions(): Uint8Array, a serialized tensorflow.OpList of every operation.
inline napi_value OpDefinitions(napi_env env, napi_callback_info) {
  Buffer list(TF_GetAllOpList(), &TF_DeleteBuffer);
  return NewBytes(env, napi_uint8_array, list->length, list->data, list->length);
}

inline napi_value AddGraphCallMethods(napi_env env, napi_value exports) {
  const napi_property_descriptor methods[] = {
      {"runGraphFunction", nullptr, RunGraphFunction, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"opDefinitions", nullptr, OpDefinitions, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  if (napi_define_properties(env, exports, sizeof(methods) / sizeof(methods[0]), methods) != napi_ok) {
    return Throw(env, "the addon's methods could not be defined");
  }
  return exports;
}

}  // namespace infinite_former

#endif  // INFINITE_FORMER_GRAPH_CALL_H_

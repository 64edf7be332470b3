#ifndef INFINITE_FORMER_SHAPE_GRAPH_H_
#define INFINITE_FORMER_SHAPE_GRAPH_H_

#include <string>
#include <vector>

// Included by addon.cc after graph_call.h.
namespace infinite_former {

// A graph that never runs: TensorFlow's shape functions say what its operations would give.
struct ShapeGraph {
  Graph graph{TF_NewGraph(), &TF_DeleteGraph};
  std::vector<TF_Operation *> operations;
};

// newShapeGraph(): object
inline napi_value NewShapeGraph(napi_env env, napi_callback_info) {
  napi_value external;
  ShapeGraph *made = new ShapeGraph;
  const auto finalize = [](napi_env, void *data, void *) { delete static_cast<ShapeGraph *>(data); };
  if (napi_create_external(env, made, finalize, nullptr, &external) == napi_ok) return external;
  delete made;
  return nullptr;
}

inline ShapeGraph *ReadShapeGraph(napi_env env, napi_value value) {
  napi_valuetype type;
  void *data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
  return napi_get_value_external(env, value, &data) == napi_ok ? static_cast<ShapeGraph *>(data) : nullptr;
}

// clearShapeGraph(graph: object): void; its memory goes now, not when V8 collects it.
inline napi_value ClearShapeGraph(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value args[1];
  ShapeGraph *graph = nullptr;
  if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok || argc < 1 ||
      (graph = ReadShapeGraph(env, args[0])) == nullptr) {
    return Throw(env, "clearShapeGraph: graph must be one of newShapeGraph");
  }
  *graph = ShapeGraph();
  return nullptr;
}

// Sets attributes from serialized AttrValues. Returns false where the arguments are of other types.
inline bool SetAttributes(napi_env env, napi_value names, napi_value values, TF_OperationDescription *description,
                          TF_Status *status) {
  std::vector<std::string> keys;
  if (!ReadStrings(env, names, &keys)) return false;
  for (uint32_t i = 0; i < keys.size() && TF_GetCode(status) == TF_OK; i++) {
    napi_value item;
    const void *bytes = nullptr;
    size_t length = 0;
    if (napi_get_element(env, values, i, &item) != napi_ok || !ReadBytes(env, item, &bytes, &length)) return false;
    TF_SetAttrValueProto(description, keys[i].c_str(), bytes, length, status);
  }
  return true;
}

// addShapeNode(graph, op: string, inputs: Int32Array, attributes: string[], values: Uint8Array[], known: Int32Array): Int32Array
// Adds the next node; nodes count from 0. `inputs`: for each argument of the
// operation how many tensors it has, -1 where it is no list, then node and
// output index of each. `values` are serialized AttrValues. `known`: rank and
// dimensions of every output, for an operation without a shape function.
// Returns data type, rank and dimensions of every output; -1 where one is unknown.
inline napi_value AddShapeNode(napi_env env, napi_callback_info info) {
  static const char *const kName = "addShapeNode: ";
  size_t argc = 6;
  napi_value args[6];
  std::string op;
  ShapeGraph *shapes = nullptr;
  const int32_t *inputs = nullptr, *known = nullptr;
  size_t input_count = 0, known_count = 0;
  if (napi_get_cb_info(env, info, &argc, args, nullptr, nullptr) != napi_ok || argc < 6 ||
      (shapes = ReadShapeGraph(env, args[0])) == nullptr || !ReadString(env, args[1], &op) ||
      !ReadInts(env, args[2], &inputs, &input_count) || !ReadInts(env, args[5], &known, &known_count)) {
    return Throw(env, std::string(kName) + "arguments must be (graph, op: string, inputs: Int32Array, attributes: string[], values: Uint8Array[], known: Int32Array)");
  }
  TF_Graph *graph = shapes->graph.get();
  tfnodejs::TF_AutoStatus status;
  const std::string name = "n" + std::to_string(shapes->operations.size());
  std::string fault;
  TF_OperationDescription *description = TF_NewOperation(graph, op.c_str(), name.c_str());
  for (size_t at = 0; at < input_count && fault.empty();) {
    const int32_t size = inputs[at++];
    std::vector<TF_Output> list;
    for (int32_t i = 0; i < (size < 0 ? 1 : size); i++, at += 2) {
      if (at + 1 >= input_count || inputs[at] < 0 || static_cast<size_t>(inputs[at]) >= shapes->operations.size()) {
        fault = "there is no such input";
        break;
      }
      list.push_back(TF_Output{shapes->operations[inputs[at]], inputs[at + 1]});
    }
    if (!fault.empty()) break;
    if (size < 0) TF_AddInput(description, list[0]);
    else TF_AddInputList(description, list.data(), size);
  }
  if (fault.empty() && !SetAttributes(env, args[3], args[4], description, status.status)) {
    fault = "attributes must be names and serialized values";
  }
  if (fault.empty() && Failed(status)) fault = TF_Message(status.status);
  // A description is given back only by finishing it.
  TF_SetStatus(status.status, TF_OK, "");
  TF_Operation *operation = TF_FinishOperation(description, status.status);
  if (fault.empty() && Failed(status)) fault = TF_Message(status.status);
  if (!fault.empty()) return Throw(env, op + ": " + fault);
  shapes->operations.push_back(operation);

  std::vector<int32_t> described;
  for (int index = 0; index < TF_OperationNumOutputs(operation); index++) {
    const TF_Output output{operation, index};
    if (known_count > 0) {
      const int32_t rank = *known++;
      const std::vector<int64_t> dims(known, known + rank);
      known += rank;
      TF_GraphSetTensorShape(graph, output, dims.data(), rank, status.status);
      if (Failed(status)) return ThrowStatus(env, kName, status);
    }
    described.push_back(TF_OperationOutputType(output));
    const int rank = TF_GraphGetTensorNumDims(graph, output, status.status);
    if (Failed(status)) return ThrowStatus(env, kName, status);
    described.push_back(rank);
    if (rank <= 0) continue;
    std::vector<int64_t> dims(rank);
    TF_GraphGetTensorShape(graph, output, dims.data(), rank, status.status);
    if (Failed(status)) return ThrowStatus(env, kName, status);
    described.insert(described.end(), dims.begin(), dims.end());
  }
  return NewBytes(env, napi_int32_array, described.size(), described.data(), described.size() * sizeof(int32_t));
}

inline napi_value AddShapeGraphMethods(napi_env env, napi_value exports) {
  const napi_property_descriptor methods[] = {
      {"newShapeGraph", nullptr, NewShapeGraph, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"clearShapeGraph", nullptr, ClearShapeGraph, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"addShapeNode", nullptr, AddShapeNode, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  if (napi_define_properties(env, exports, sizeof(methods) / sizeof(methods[0]), methods) != napi_ok) {
    return Throw(env, "the addon's methods could not be defined");
  }
  return exports;
}

}  // namespace infinite_former

#endif  // INFINITE_FORMER_SHAPE_GRAPH_H_

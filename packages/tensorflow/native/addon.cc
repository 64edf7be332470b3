// The addon: upstream's binding, unaltered, plus graph functions.
//
// Upstream's class keeps its TFE_Context private and its files must stay as
// they are, so both are compiled as part of this one unit: the class is opened
// for our functions, its module registration is replaced by ours, and tensors
// made from JavaScript memory are copied (see NewCopiedTensor).
#include <node_api.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

#define private public
#include "tfjs_backend.h"
#undef private

#include "copied_tensor.h"
#define TF_NewTensor infinite_former::NewCopiedTensor
#include "tfjs_backend.cc"
#undef TF_NewTensor

#undef NAPI_MODULE
#define NAPI_MODULE(name, init)  // ours stands below
#include "tfjs_binding.cc"

#include "graph_function.h"
#include "graph_call.h"
#include "shape_graph.h"
#include "kernels/register.h"

NAPI_MODULE_INIT() {
  napi_value own = tfnodejs::InitTFNodeJSBinding(env, exports);
  if (own == nullptr) return nullptr;
  const std::string &fault = infinite_former::RegisterKernels();
  if (!fault.empty()) return infinite_former::Throw(env, "kernels could not be registered: " + fault);
  napi_value set;
  if (napi_create_string_utf8(env, infinite_former::Kernels().name, NAPI_AUTO_LENGTH, &set) != napi_ok ||
      napi_set_named_property(env, own, "instructionSet", set) != napi_ok) {
    return nullptr;
  }
  if (infinite_former::AddGraphFunctionMethods(env, own) == nullptr) return nullptr;
  if (infinite_former::AddGraphCallMethods(env, own) == nullptr) return nullptr;
  return infinite_former::AddShapeGraphMethods(env, own);
}

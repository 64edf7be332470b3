#ifndef INFINITE_FORMER_KERNELS_OP_H_
#define INFINITE_FORMER_KERNELS_OP_H_

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernel_api.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace infinite_former {

// One run of an operation: its inputs and outputs, and the first thing that went
// wrong. After a fault everything else does nothing.
class OpRun {
 public:
  explicit OpRun(TF_OpKernelContext *context)
      : context_(context), status_(TF_NewStatus(), &TF_DeleteStatus), reads_(TF_NumInputs(context)) {}
  ~OpRun() {
    if (TF_GetCode(status_.get()) != TF_OK) TF_OpKernelContext_Failure(context_, status_.get());
  }

  bool ok() const { return TF_GetCode(status_.get()) == TF_OK; }
  void Fail(const std::string &message) {
    if (ok()) TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message.c_str());
  }

  // Shape of an input, and its values. Empty tensors have no values to speak of.
  const std::vector<int64_t> &Shape(int index) { return Input(index).shape; }
  const float *Floats(int index) { return static_cast<const float *>(Input(index).data); }
  const int32_t *Ints(int index) { return static_cast<const int32_t *>(Input(index).data); }
  int InputCount() const { return static_cast<int>(reads_.size()); }

  float *Output(int index, const std::vector<int64_t> &shape) {
    if (!ok()) return nullptr;  // TensorFlow would set the status to OK again
    return Keep(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()),
                                  Count(shape) * sizeof(float), status_.get()));
  }
  // An output that may take the memory of an input that nobody else needs.
  float *OutputOver(int index, const std::vector<int> &inputs, const std::vector<int64_t> &shape) {
    int taken = -1;
    if (!ok()) return nullptr;
    return Keep(TF_ForwardInputOrAllocateOutput(context_, inputs.data(), static_cast<int>(inputs.size()), index,
                                                shape.data(), static_cast<int>(shape.size()), &taken, status_.get()));
  }
  // An output that is an input, to be written in its memory whoever else reads it.
  float *OutputOf(int index, int input) {
    TF_Tensor *tensor = nullptr;
    if (ok()) TF_GetInput(context_, input, &tensor, status_.get());
    if (!ok()) return nullptr;
    TF_SetOutput(context_, index, tensor, status_.get());
    return Keep(tensor);
  }
  // Memory for the time of the run.
  float *Scratch(int64_t floats) {
    float *memory = static_cast<float *>(std::malloc(floats * sizeof(float) + kAlignment));
    if (memory == nullptr) {
      if (ok()) TF_SetStatus(status_.get(), TF_RESOURCE_EXHAUSTED, "no memory for the kernel's scratch space");
      return nullptr;
    }
    scratch_.emplace_back(memory, &std::free);
    const uintptr_t at = reinterpret_cast<uintptr_t>(memory);
    return reinterpret_cast<float *>((at + kAlignment - 1) / kAlignment * kAlignment);
  }

  static int64_t Count(const std::vector<int64_t> &shape) {
    int64_t product = 1;
    for (const int64_t size : shape) product *= size;
    return product;
  }

 private:
  struct Read {
    bool known = false;
    std::vector<int64_t> shape;
    const void *data = nullptr;
  };
  static constexpr uintptr_t kAlignment = 64;
  using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

  const Read &Input(int index) {
    Read &read = reads_[index];
    if (read.known || !ok()) return read;
    TF_Tensor *tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    if (!ok()) return read;
    // The context holds inputs until the run ends; a reference of ours would keep OutputOver from their memory.
    const Tensor ours(tensor, &TF_DeleteTensor);
    for (int axis = 0; axis < TF_NumDims(tensor); axis++) read.shape.push_back(TF_Dim(tensor, axis));
    read.data = TF_TensorData(tensor);
    read.known = true;
    return read;
  }
  float *Keep(TF_Tensor *tensor) {
    if (tensor == nullptr) return nullptr;
    tensors_.emplace_back(tensor, &TF_DeleteTensor);
    return static_cast<float *>(TF_TensorData(tensor));
  }

  TF_OpKernelContext *context_;
  std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status_;
  std::vector<Read> reads_;  // never grows: references to shapes stay good
  std::vector<Tensor> tensors_;
  std::vector<std::unique_ptr<float, decltype(&std::free)>> scratch_;
};

// What an operation looks like to TensorFlow.
struct OpText {
  const char *name;
  std::vector<const char *> inputs, outputs, attributes;
};

// Attributes are read once, when TensorFlow makes a kernel of a node.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction *construction)
      : construction_(construction), status_(TF_NewStatus(), &TF_DeleteStatus) {}
  float Float(const char *name) {
    float value = 0;
    TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_.get());
    return Checked(value);
  }
  int64_t Int(const char *name) {
    int64_t value = 0;
    TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status_.get());
    return Checked(value);
  }

 private:
  template <typename T>
  T Checked(T value) {
    if (TF_GetCode(status_.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction_, status_.get());
    return value;
  }
  TF_OpKernelConstruction *construction_;
  std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status_;
};

// Makes `Op` an operation of TensorFlow with a kernel for the CPU. Op has a
// static Text(), a constructor from Attributes, and Run(OpRun &).
// Returns what is wrong, or the empty string.
template <typename Op>
std::string RegisterOp() {
  static const OpText text = Op::Text();
  std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)> status(TF_NewStatus(), &TF_DeleteStatus);
  TF_OpDefinitionBuilder *definition = TF_NewOpDefinitionBuilder(text.name);
  for (const char *attribute : text.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  for (const char *input : text.inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char *output : text.outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(
      definition, [](TF_ShapeInferenceContext *context, TF_Status *status) {
        TF_ShapeInferenceContextSetUnknownShape(context, status);
      });
  TF_RegisterOpDefinition(definition, status.get());
  if (TF_GetCode(status.get()) != TF_OK) return TF_Message(status.get());
  TF_KernelBuilder *kernel = TF_NewKernelBuilder(
      text.name, "CPU",
      [](TF_OpKernelConstruction *construction) -> void * {
        Attributes attributes(construction);
        return new Op(attributes);
      },
      [](void *op, TF_OpKernelContext *context) {
        OpRun run(context);
        static_cast<const Op *>(op)->Run(run);
      },
      [](void *op) { delete static_cast<Op *>(op); });
  TF_RegisterKernelBuilder(text.name, kernel, status.get());
  return TF_GetCode(status.get()) == TF_OK ? "" : TF_Message(status.get());
}

inline std::string ShapeText(const std::vector<int64_t> &shape) {
  std::string text = "[";
  for (size_t axis = 0; axis < shape.size(); axis++) text += (axis ? ", " : "") + std::to_string(shape[axis]);
  return text + "]";
}

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_OP_H_

// The kernels for one instruction set: compiled once for each, with its flags
// and ISA as its name, and chosen from at run time.
#include <cstdint>
#include <cstring>

#include "table.h"

namespace infinite_former {
namespace {
#include "simd.h"

#include "panel.h"

#include "attention.h"
}  // namespace
}  // namespace infinite_former

#define JOIN(a, b) a##b
#define TABLE(isa) JOIN(infinite_former_kernels_, isa)
#define TEXT(isa) #isa
#define NAME(isa) TEXT(isa)

extern "C" const infinite_former::KernelTable *TABLE(ISA)() {
  static const infinite_former::KernelTable table = {
      NAME(ISA),
      infinite_former::AttentionScratch,
      infinite_former::AttentionForward,
      infinite_former::AttentionGradientScratch,
      infinite_former::AttentionBackward,
  };
  return &table;
}

#ifndef INFINITE_FORMER_KERNELS_BLOCKS_H_
#define INFINITE_FORMER_KERNELS_BLOCKS_H_

#include <vector>

#include "parallel.h"

namespace infinite_former {

// Elements of an array that are worth a task.
constexpr int64_t kGrain = 16384;

// Runs work(from, to, block) over `count` things in blocks of `grain`: which blocks
// there are does not depend on threads.
template <typename Work>
void ForBlocks(int64_t count, int64_t grain, const Work &work) {
  Parallel::Get().For((count + grain - 1) / grain, [&](int64_t block, int) {
    work(block * grain, count < (block + 1) * grain ? count : (block + 1) * grain, block);
  });
}

// Rows to a block where every block leaves sums behind, to be added up in order:
// at most 64 blocks.
inline int64_t RowsOfBlock(int64_t rows, int64_t size) {
  const int64_t worth = (kGrain + size - 1) / (size > 0 ? size : 1), fair = (rows + 63) / 64;
  return worth > fair ? worth : fair > 0 ? fair : 1;
}

inline bool IsNone(const std::vector<int64_t> &shape) { return shape.size() == 1 && shape[0] == 0; }

}  // namespace infinite_former

#endif  // INFINITE_FORMER_KERNELS_BLOCKS_H_

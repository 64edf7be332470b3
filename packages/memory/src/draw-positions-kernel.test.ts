import { createRng, uniforms } from "@infinite-former/random";
import { hasKernel } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { twin } from "../test/twin.js";
import { drawPositions } from "./draw-positions.js";

const rng = createRng(84);
const draw = "InfiniteFormerDrawPositions";

describe("drawPositions as one kernel", () => {
  const cases = [
    { batch: 1, bins: 1, samples: 1 },
    { batch: 3, bins: 7, samples: 50 },
    { batch: 2, bins: 128, samples: 700 },
  ];
  it.for(cases)("has the numbers of the plain form: $bins bins, $samples samples", (one, { skip }) => {
    if (!hasKernel(draw)) skip("this backend has no kernel for positions");
    const { batch, bins, samples } = one;
    tf.tidy(() => {
      for (const stickyPositions of ["left-edge", "within-bin"] as const) {
        for (const grid of ["mixed", "midpoints"] as const) {
          // Whole numbers: both forms have the same sums. A third of the bins are empty, and the last row.
          const own = uniforms(rng, batch * bins, 0, 9).map((m) => (m < 3 ? 0 : Math.floor(m)));
          if (batch > 1) own.fill(0, (batch - 1) * bins);
          const attended = tf.tensor2d(own, [batch, bins]);
          const draws = tf.tensor2d(uniforms(rng, batch * samples), [batch, samples]);
          const run = () => drawPositions({ stickyPositions, grid }, attended, draws).dataSync();
          const limit = stickyPositions === "left-edge" ? { abs: 0, rel: 0 } : { abs: 2e-7, rel: 2e-7 };
          expectClose(run(), twin(draw, run), limit);
        }
      }
    });
  });
});

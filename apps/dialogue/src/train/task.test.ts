import { activateBackend } from "@infinite-former/backend";
import { createGpt2, disposeGpt2, type Gpt2Options, initialState } from "@infinite-former/gpt2";
import { createRng } from "@infinite-former/random";
import { disposeTree, leaves, mapTree, registerGradients } from "@infinite-former/tensor";
import { valueAndGrad } from "@infinite-former/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { presets } from "../config/presets.js";
import { responseBatch } from "../data/batch.js";
import { createAdvance, readPrefix, readResponse } from "./read-batch.js";
import { responseTask } from "./task.js";

const length = 6;
const body = { vocabularySize: 30, positions: length, layers: 2, modelSize: 8, heads: 2 };
const [{ training }] = presets as [(typeof presets)[number]];

/** Two responses after two segments each. */
function batchFor(memory: object) {
  const rng = createRng(5);
  const draw = (size: number): Int32Array => Int32Array.from({ length: size }, () => rng.integer(0, 30));
  const weights = new Float32Array(3).fill(1);
  const row = () => ({
    count: 3,
    tokens: draw(3 * length),
    types: draw(3 * length),
    targets: draw(3),
    words: weights,
    weights,
  });
  return responseBatch([row(), row()], "weights", memory, { seed: 1, step: 0 });
}

describe.each([
  ["klWeight", { longTerm: { basisCount: 8, basisWidths: [0.1, 0.2], sampleCount: 8 } }],
  ["reconstructionWeight", { compressed: { length: 6, ratio: 2 } }],
] as const)("the loss of a model whose memory is penalised by %s", (own, memory: Partial<Gpt2Options>) => {
  const other = own === "klWeight" ? "reconstructionWeight" : "klWeight";
  beforeAll(async () => {
    await activateBackend("cpu");
    registerGradients();
  });

  it("has as much of the penalty as that weight says, with gradients for every parameter", () => {
    const drawn = createGpt2({ ...body, ...memory }, createRng(3));
    // Larger weights, so that what is remembered matters.
    const model = {
      ...drawn,
      params: mapTree(drawn.params, (tensor) => tf.mul(tensor, tensor.rank > 1 ? 8 : 1)),
    };
    disposeTree(drawn.params);
    const batch = batchFor(initialState(model.config, 2, "full"));
    const penalty = tf.tidy(() => {
      const rest = readPrefix(createAdvance(model, true), model.params, batch);
      return readResponse(model, model.params, rest, true).penalty?.dataSync()[0] as number;
    });
    expect(penalty).toBeGreaterThan(1e-4);
    const at = (weights: object) => {
      const { loss } = responseTask(model, { ...training, ...weights });
      const found = valueAndGrad((params: object) => {
        const { loss: value, metrics } = loss(params, {}, batch, { step: 0 } as never);
        return { loss: value, aux: metrics as Record<string, tf.Scalar> };
      })(model.params);
      const compression = leaves(found.gradients)
        .filter(({ path }) => path.endsWith("compression.kernel"))
        .map(({ tensor }) => Math.hypot(...tensor.dataSync()));
      const value = found.loss.dataSync()[0] as number;
      disposeTree([found.loss, found.gradients, found.aux]);
      return { value, compression };
    };
    const [none, some, same] = [
      at({ [own]: 0, [other]: 1 }),
      at({ [own]: 3, [other]: 1 }),
      at({ [own]: 3, [other]: 7 }),
    ];
    expect(some.value - none.value).toBeCloseTo(3 * penalty, 4);
    expect(same).toEqual(some);
    if (own === "reconstructionWeight") {
      expect(none.compression).toEqual([0, 0]);
      for (const norm of at({}).compression) expect(norm).toBeGreaterThan(1e-4);
    }
    disposeTree(batch);
    disposeGpt2(model);
  });
});

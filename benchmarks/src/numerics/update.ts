import {
  absorb,
  createMemoryPlan,
  emptyLongTermMemory,
  type LongTermMemory,
  updateFits,
} from "@infinite-former/memory";
import { createRng, uniforms } from "@infinite-former/random";
import { designMatrix, sampledPositions } from "@infinite-former/signal";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { Float64Shadow } from "../float64-shadow.js";
import { memoryConfigs } from "../memory-configs.js";
import type { Figure } from "./figure.js";

const { sorting, language } = memoryConfigs;

/**
 * Coefficients after a hundred segments: sampled, then fitted, in two float32
 * products, and by `absorb`, which has both composed in float64.
 */
export function updateFigures(segments = 100): Figure[] {
  return Object.entries({ sorting, language }).map(([name, config]) => {
    using plan = createMemoryPlan(config);
    const { basisCount, segmentLength, sampleCount, grid } = plan.config;
    const values = Array.from({ length: 4 }, (_, i) => uniforms(createRng(i), segmentLength, -1, 1));
    const inputs = values.map((data) => tf.tensor3d(data, [1, segmentLength, 1]));
    const shadow = new Float64Shadow(plan.config, values, 1);
    const { resample, take } = updateFits(plan.config, segmentLength);
    const read = tf.tensor2d(
      Float32Array.from(designMatrix(plan.basis, sampledPositions(sampleCount, grid)).data),
      [basisCount, sampleCount],
    );
    const fit = tf.tensor2d(Float32Array.from(resample.data), [basisCount, sampleCount]);
    const added = tf.tensor2d(Float32Array.from(take.data), [basisCount, segmentLength]);
    let memory: LongTermMemory = emptyLongTermMemory({ batch: 1, basisCount, modelSize: 1 });
    let plain = tf.zeros<tf.Rank.R2>([basisCount, 1]);
    for (let n = 0; n < segments; n++) {
      const input = inputs[n % inputs.length] as tf.Tensor3D;
      shadow.absorb(n % inputs.length);
      const next = absorb(plan, memory, input);
      const nextPlain = tf.tidy(() => {
        if (n === 0) return tf.reshape(next.coefficients, [basisCount, 1]);
        const samples = tf.matMul(read, plain, true, false);
        return tf.add(tf.matMul(fit, samples), tf.matMul(added, tf.squeeze(input, [0]) as tf.Tensor2D));
      }) as tf.Tensor2D;
      disposeTree(memory);
      plain.dispose();
      [memory, plain] = [next, nextPlain];
    }
    const figure = {
      quantity: `B after ${segments} segments`,
      setting: `${name} model, N = 512`,
      plain: shadow.difference(plain.dataSync()),
      ours: shadow.difference(memory.coefficients.dataSync()),
    };
    disposeTree([memory, plain, inputs, read, fit, added]);
    return figure;
  });
}

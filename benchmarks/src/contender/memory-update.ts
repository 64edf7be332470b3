import { continuousAttention, initContinuousAttention } from "@infinite-former/attention";
import type { Compiler } from "@infinite-former/command-line";
import {
  absorb,
  createMemoryPlan,
  emptyLongTermMemory,
  gate,
  initGate,
  type LongTermMemory,
} from "@infinite-former/memory";
import { createRng, normals } from "@infinite-former/random";
import { countParameters, disposeTree, tidyTree } from "@infinite-former/tensor";
import { continuousAttentionConfig, defaultLongTermConfig } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { sortingSize } from "../sizes.js";
import type { Assignment } from "./assignment.js";
import type { Subject } from "./subject.js";

/**
 * One layer's long-term memory at work: it absorbs a segment, gate included,
 * and the queries of the next segment read it, output projection included. No
 * gradients. A unit is one segment.
 */
export async function memoryUpdate({ size, seed }: Assignment, compile: Compiler): Promise<Subject> {
  const { batch, modelSize, heads, headSize, segmentLength, ...rest } = sortingSize(size);
  const {
    shortTermLength: _,
    longTermLength,
    klWeight: __,
    gate: gated,
    ...fitted
  } = rest["infinite-former"];
  const longTerm = { ...defaultLongTermConfig, ...fitted, gate: gated, segmentLength: longTermLength };
  const { basisCount, basisWidths, contraction, ridge, sampleCount } = longTerm;
  const plan = createMemoryPlan({
    basisCount,
    basisWidths,
    contraction,
    ridge,
    sampleCount,
    segmentLength: longTermLength,
  });
  const config = continuousAttentionConfig({ heads, headSize, modelSize, longTerm });
  const rng = createRng(seed);
  const params = {
    attention: initContinuousAttention(config, rng.split("attention")),
    gate: initGate(modelSize, rng.split("gate")),
  };
  const draw = (shape: number[]): tf.Tensor =>
    tf.tensor(
      normals(
        rng,
        shape.reduce((count, axis) => count * axis),
      ),
      shape,
    );
  const segment = draw([batch, longTermLength, modelSize]) as tf.Tensor3D;
  const queries = draw([batch, heads, segmentLength, headSize]) as tf.Tensor4D;
  const updateAndRead = compile(
    (own: typeof params, past: LongTermMemory, rows: tf.Tensor3D, asking: tf.Tensor4D) =>
      tidyTree(() => {
        const memory = absorb(plan, past, gated ? gate(own.gate, rows).gated : rows);
        const { coefficients } = memory;
        const { context } = continuousAttention(own.attention, config, { queries: asking, coefficients });
        return { memory, context };
      }),
  );
  let memory: LongTermMemory = emptyLongTermMemory({ batch, basisCount, modelSize });
  return {
    parameters: countParameters(params),
    async run(units) {
      for (let i = 0; i < units; i++) {
        const next = updateAndRead(params, memory, segment, queries);
        disposeTree(memory);
        memory = next.memory;
        if (i === units - 1) await next.context.data(); // waits for the last of them
        next.context.dispose();
      }
      return { loss: null };
    },
  };
}

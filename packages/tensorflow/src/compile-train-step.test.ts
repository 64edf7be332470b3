import { expectClose } from "@infinite-former/tooling-vitest/close";
import { skipEach } from "@infinite-former/tooling-vitest/skip";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { withoutNative } from "../test/support/native.js";
import { initialState, random, trainStep } from "../test/train-step.js";
import { registerUpstreamGradients } from "../test/upstream-gradients.js";
import { compile } from "./compile.js";
import { loadTensorflow } from "./load.js";

beforeAll(async () => {
  if (withoutNative) return;
  registerUpstreamGradients();
  await loadTensorflow();
  await tf.setBackend("tensorflow");
});

describe("compile", () => {
  skipEach(withoutNative);
  it("repeats a whole training step: gradients, custom gradients, optimiser", () => {
    const compiled = compile(trainStep);
    let eager = initialState();
    let graph = initialState();
    for (let i = 0; i < 5; i++) {
      const batch = { x: random([4, 5], 10 + i), y: random([4, 3], 20 + i) };
      const want = trainStep(eager, batch, tf.scalar(0.01));
      const got = compiled(graph, batch, tf.scalar(0.01));
      expectClose(got.loss.dataSync(), want.loss.dataSync(), { name: `loss ${i}`, rel: 1e-6 });
      eager = want.state;
      graph = got.state;
    }
    for (const part of ["params", "first", "second"] as const) {
      for (const [name, value] of Object.entries(eager[part])) {
        const got = (graph[part] as Record<string, tf.Tensor>)[name] as tf.Tensor;
        expectClose(got.dataSync(), value.dataSync(), { name: `${part}.${name}`, abs: 1e-7, rel: 1e-5 });
      }
    }
    expect(graph.step.dataSync()[0]).toBe(5);
    expect(compiled.signatures().map(({ calls }) => calls)).toEqual([5]);
    compiled.dispose();
  });
});

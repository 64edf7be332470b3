import { disposeTree, mapTree } from "@infinite-former/tensor";
import { dropoutSeeds } from "@infinite-former/transformer";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { batchOf, smallGpt2, tokens } from "../test/model.js";
import type { Gpt2Options } from "./config.js";
import { disposeGpt2 } from "./gpt2.js";
import { gpt2 } from "./model.js";
import { initialState } from "./state.js";

describe("dropout in gpt2", () => {
  const rates = { embedding: 0, attention: 0, residual: 0 };
  const logits = (options: Partial<Gpt2Options>, seed: number | null, silent?: string): number[] => {
    const whole = smallGpt2(options);
    const params = mapTree(whole.params, (tensor, path) =>
      silent !== undefined && path.includes(silent) ? tf.zerosLike(tensor) : tensor.clone(),
    );
    disposeTree(whole.params);
    const model = { ...whole, params };
    const values = tf.tidy(() => {
      const seeds = seed === null ? {} : { seeds: dropoutSeeds(0.5, tf.tensor1d([seed, 0], "int32")) };
      const out = gpt2(model, initialState(model.config, 1), batchOf([tokens(5, 1)]), seeds);
      return [...(out.logits as tf.Tensor).dataSync()];
    });
    disposeGpt2(model);
    return values;
  };

  it.each(["embedding", "attention", "residual"] as const)("drops at the rate of the place: %s", (place) => {
    const dropout = { ...rates, [place]: 0.5 };
    expect(logits({ dropout }, 1)).toEqual(logits({ dropout }, 1));
    expect(logits({ dropout }, 1)).not.toEqual(logits({ dropout }, 2));
    expect(logits({ dropout }, null)).toEqual(logits({}, null));
  });

  it.each(["feedForward.outer", "attention.output"])(
    "drops the residual of each of the two layers: without %s",
    (silent) => {
      const dropout = { ...rates, residual: 0.5 };
      expect(logits({ dropout }, 1, silent)).not.toEqual(logits({ dropout }, 2, silent));
    },
  );

  it("drops nothing where all rates are 0", () => {
    expect(logits({ dropout: rates }, 1)).toEqual(logits({}, null));
  });
});

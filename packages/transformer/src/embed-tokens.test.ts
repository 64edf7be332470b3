import { createRng, normals } from "@infinite-former/random";
import { disposeTree, leaves, unflatten } from "@infinite-former/tensor";
import { expectClose } from "@infinite-former/tooling-vitest/close";
import { expectGradients } from "@infinite-former/tooling-vitest/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { forms, modelSize, randomWords, vocabularySize, wordVector } from "../test/adaptive.js";
import { embedTokens } from "./embed-tokens.js";

/** All words, those at the borders of clusters twice. */
const ids = [...Array(vocabularySize).keys(), 10, 3, 4, 6, 7, 8, 0];

describe.each([forms[1], forms[3]])("embedTokens with clusters of $name", (form) => {
  it("equals the definition in float64", () => {
    const { embedding, output } = randomWords(form);
    const before = tf.memory().numTensors;
    const at = tf.tensor1d(ids, "int32");
    const got = embedTokens({ embedding }, at);
    expect(got.shape).toEqual([ids.length, modelSize]);
    expectClose(
      got.dataSync(),
      ids.flatMap((id) => wordVector(embedding, id)),
      { abs: 1e-6, rel: 1e-6 },
    );
    tf.dispose([got, at]);
    expect(tf.memory().numTensors).toBe(before);
    disposeTree([embedding, output]);
  });

  it("has the gradients of finite differences, words met twice and words not met among them", () => {
    const { embedding, output } = randomWords(form);
    const at = tf.tensor1d([9, 0, 9, 3, 4, 7, 5], "int32");
    const inputs = leaves(embedding).map(({ tensor: { shape, size } }, i) => ({
      shape,
      values: normals(createRng(i), size),
    }));
    expectGradients((...now) => embedTokens({ embedding: unflatten(embedding, now) }, at), inputs);
    disposeTree([embedding, output, at]);
  });
});

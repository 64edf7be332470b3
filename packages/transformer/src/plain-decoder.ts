import { cloneTree, concatRows, disposeTree, takeRows, tidyTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Decoder } from "./decoder.js";
import type { LanguageModel } from "./language-model.js";

/**
 * A decoder for any model: `forward` over one token at a time. A state of all
 * rows is read at once; states of one row each are read one after another.
 * Nothing is recorded, as the shapes of a state change with every token.
 */
export function plainDecoder<State extends object>(): Decoder<LanguageModel<State>, State> {
  return {
    start(model, states, stickySeeds) {
      const [rows] = stickySeeds.shape;
      const each = rows / states.length;
      let now = states.map((state) => cloneTree(state));
      const range = (first: number): number[] => Array.from({ length: each }, (_, i) => first + i);
      return {
        rows,
        step(ids) {
          const outputs = tidyTree(() =>
            now.map((state, group) => {
              const own = range(group * each);
              const tokens = tf.tensor2d(
                own.map((row) => ids[row] as number),
                [each, 1],
                "int32",
              );
              const { seeds } = takeRows({ seeds: stickySeeds }, own);
              const out = model.functions.forward(model, state, tokens, {
                logits: "last",
                stickySeeds: seeds,
              });
              return { logits: tf.reshape(out.logits as tf.Tensor3D, [each, -1]), state: out.state };
            }),
          );
          disposeTree(now);
          now = outputs.map(({ state }) => state);
          const scores = outputs.map(({ logits }) => ({ logits }));
          const { logits } = concatRows(scores);
          disposeTree(scores);
          return logits as tf.Tensor2D;
        },
        state: (row) => takeRows(now[Math.floor(row / each)] as State, [row % each]),
        dispose: () => disposeTree(now),
      };
    },
    signatures: () => 0,
    dispose() {},
  };
}

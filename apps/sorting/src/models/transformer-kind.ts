import { tidyTree } from "@infinite-former/tensor";
import {
  createInfiniteFormer,
  createTransformerXl,
  disposeInfiniteFormer,
  disposeTransformerXl,
  dropoutSeeds,
  forward,
  hasLongTerm,
  type InfiniteFormerOptions,
  meanPenalty,
  resolveInfiniteFormerConfig,
  resolveTransformerXlConfig,
  stickyRowSeeds,
  type TransformerModel,
  type TransformerParams,
  type TransformerState,
  type TransformerXlOptions,
} from "@infinite-former/transformer";
import type { ModelKind, ModelSettings, SortingModel } from "./sorting-model.js";
import { vocabularySize, withoutVocabulary } from "./task-vocabulary.js";

/** Transformer-XL: short-term memory alone, no penalty. */
export const transformerXlKind: ModelKind = {
  resolve: (settings) => withoutVocabulary(resolveTransformerXlConfig(transformerXlOptions(settings))),
  create(settings, rng) {
    const model = createTransformerXl(transformerXlOptions(settings), rng);
    return sortingModel(model, () => disposeTransformerXl(model));
  },
  reach: ({ shortTermLength }) => shortTermLength as number,
  wholeSegment: false,
};

/** ∞-former, uniform or sticky: its penalty is the KL divergence of its densities to the prior. */
export const infiniteFormerKind: ModelKind = {
  resolve: (settings) => withoutVocabulary(resolveInfiniteFormerConfig(infiniteFormerOptions(settings))),
  create(settings, rng) {
    const model = createInfiniteFormer(infiniteFormerOptions(settings), rng);
    return sortingModel(model, () => disposeInfiniteFormer(model));
  },
  reach: ({ shortTermLength }) => shortTermLength as number,
  wholeSegment: false,
};

function transformerXlOptions(settings: ModelSettings): TransformerXlOptions {
  return { ...(settings as unknown as TransformerXlOptions), vocabularySize };
}

function infiniteFormerOptions(settings: ModelSettings): InfiniteFormerOptions {
  return { ...(settings as unknown as InfiniteFormerOptions), vocabularySize };
}

function sortingModel(
  model: TransformerModel,
  dispose: () => void,
): SortingModel<TransformerParams, TransformerState> {
  const { config } = model;
  return {
    params: model.params,
    segmentLength: config.segmentLength,
    initialState: (batch) => model.functions.initialState(model, batch, "growing"),
    readSegment(params, state, tokens, { seed, training, outputs, throughPast }) {
      return tidyTree(() => {
        const output = forward({ ...model, params }, state, tokens, {
          seeds: dropoutSeeds(training ? config.dropout : 0, seed),
          stickySeeds: stickyRowSeeds(seed, tokens.shape[0]),
          logits: typeof outputs === "number" && outputs > 0 ? outputs : "none",
          throughPast,
        });
        const penalty = outputs !== "memory" && hasLongTerm(config) ? meanPenalty(output) : null;
        return { logits: output.logits, state: output.state, penalty };
      });
    },
    dispose,
  };
}

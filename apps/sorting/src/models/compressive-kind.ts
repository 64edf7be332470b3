import { tidyTree } from "@infinite-former/tensor";
import {
  type CompressiveState,
  type CompressiveTransformer,
  type CompressiveTransformerOptions,
  type CompressiveTransformerParams,
  compressiveTransformer,
  createCompressiveTransformer,
  disposeCompressiveTransformer,
  dropoutSeeds,
  resolveCompressiveTransformerConfig,
} from "@infinite-former/transformer";
import type { ModelKind, ModelSettings, SortingModel } from "./sorting-model.js";
import { vocabularySize, withoutVocabulary } from "./task-vocabulary.js";

/**
 * Compressive Transformer: its penalty is the loss of reconstructing attention
 * from the compressed rows, which alone trains the compression. It arises where
 * a segment ends.
 */
export const compressiveKind: ModelKind = {
  resolve: (settings) => withoutVocabulary(resolveCompressiveTransformerConfig(options(settings))),
  create: (settings, rng) => sortingModel(createCompressiveTransformer(options(settings), rng)),
  reach(settings) {
    const { shortTermLength, compressedLength, compressionRatio } = settings as unknown as Sizes;
    return shortTermLength + compressedLength * compressionRatio;
  },
  wholeSegment: true,
};

type Sizes = Record<"shortTermLength" | "compressedLength" | "compressionRatio", number>;

function options(settings: ModelSettings): CompressiveTransformerOptions {
  return { ...(settings as unknown as CompressiveTransformerOptions), vocabularySize };
}

function sortingModel(
  model: CompressiveTransformer,
): SortingModel<CompressiveTransformerParams, CompressiveState> {
  const { config, functions } = model;
  return {
    params: model.params,
    segmentLength: config.segmentLength,
    initialState: (batch) => functions.initialState(model, batch, "growing"),
    readSegment: (params, state, tokens, { seed, training, outputs, throughPast }) =>
      tidyTree(() => {
        const {
          logits,
          state: next,
          auxiliaryLoss,
        } = compressiveTransformer({ config, params }, state, tokens, {
          seeds: dropoutSeeds(training ? config.dropout : 0, seed),
          logits: typeof outputs === "number" && outputs > 0 ? outputs : "none",
          throughPast,
          auxiliary: outputs !== "memory",
        });
        return { logits, state: next, penalty: auxiliaryLoss };
      }),
    dispose: () => disposeCompressiveTransformer(model),
  };
}

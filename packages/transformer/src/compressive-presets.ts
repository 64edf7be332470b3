import type { CompressiveTransformerConfig } from "./compressive-config.js";

/** What paper and reference implementation answer differently about a Compressive Transformer. */
export type CompressiveForm = Pick<
  CompressiveTransformerConfig,
  "residual" | "enhancedRecurrence" | "positionTable" | "remainder" | "reconstruction"
>;

/**
 * Options of a Compressive Transformer that belong together:
 *
 * - `paper`: residuals are added, each layer reads its own memory, a distance
 *   has one row of the table, no row is lost, the auxiliary loss reconstructs
 *   what was compressed. The defaults.
 * - `reference`: lucidrains' implementation with its own defaults. Gated
 *   residuals, memories of the layer above, a table whose rows move while the
 *   memories fill, its rule for rows that are left over, and the whole
 *   short-term memory in the auxiliary loss.
 *
 * @example
 * createCompressiveTransformer({ ...sizes, ...compressivePresets.reference }, rng);
 * @see https://github.com/lucidrains/compressive-transformer-pytorch
 */
export const compressivePresets: Readonly<Record<"paper" | "reference", Readonly<CompressiveForm>>> =
  Object.freeze({
    paper: Object.freeze({
      residual: "add",
      enhancedRecurrence: false,
      positionTable: "fixed",
      remainder: "pad",
      reconstruction: "leaving",
    }),
    reference: Object.freeze({
      residual: "gru",
      enhancedRecurrence: true,
      positionTable: "moving",
      remainder: "reference",
      reconstruction: "memory",
    }),
  });

import type { Comparison } from "./comparison.js";
import type { Fixture } from "./fixture.js";
import { checkBasis } from "./kinds/basis.js";
import { checkBasisPaperSize } from "./kinds/basis-paper-size.js";
import { checkBpe } from "./kinds/bpe.js";
import { checkCompressiveLayer } from "./kinds/compressive-layer.js";
import { checkCompressiveLm } from "./kinds/compressive-lm.js";
import { checkContinuousSoftmax } from "./kinds/continuous-softmax.js";
import { checkContinuousSparsemax } from "./kinds/continuous-sparsemax.js";
import { checkGpt2 } from "./kinds/gpt2.js";
import { checkGpt2Ltm } from "./kinds/gpt2-ltm.js";
import { checkLongTermAttention } from "./kinds/long-term-attention.js";
import { checkSortData } from "./kinds/sort-data.js";
import { checkSortLm } from "./kinds/sort-lm.js";
import { checkSticky } from "./kinds/sticky.js";
import { checkTransformerXlLayer } from "./kinds/transformer-xl-layer.js";

/** Computes what a fixture of one kind expects and compares all of it. */
export type Checker = (fixture: Fixture, comparison: Comparison) => void | Promise<void>;

/** The checkers by the fixtures' `kind`. */
export const checkers: Readonly<Record<string, Checker | undefined>> = Object.assign(Object.create(null), {
  basis: checkBasis,
  basis_paper_size: checkBasisPaperSize,
  bpe: checkBpe,
  compressive_layer: checkCompressiveLayer,
  compressive_lm: checkCompressiveLm,
  continuous_softmax: checkContinuousSoftmax,
  continuous_sparsemax: checkContinuousSparsemax,
  gpt2: checkGpt2,
  gpt2_ltm: checkGpt2Ltm,
  long_term_attention: checkLongTermAttention,
  sort_data: checkSortData,
  sort_lm: checkSortLm,
  sticky: checkSticky,
  transformer_xl_layer: checkTransformerXlLayer,
});

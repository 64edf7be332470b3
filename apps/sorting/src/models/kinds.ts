import { compressiveKind } from "./compressive-kind.js";
import type { ModelName } from "./names.js";
import type { ModelKind } from "./sorting-model.js";
import { infiniteFormerKind, transformerXlKind } from "./transformer-kind.js";

/** How each model of the benchmark is made. */
export const modelKinds: Readonly<Record<ModelName, ModelKind>> = {
  "transformer-xl": transformerXlKind,
  compressive: compressiveKind,
  "infinite-former": infiniteFormerKind,
  "infinite-former-sticky": infiniteFormerKind,
};

import type { ModelSettings } from "../config/schema.js";

/** A model by the name that results have. */
export type ModelName =
  | "transformer-xl"
  | "compressive"
  | "infinite-former"
  | "infinite-former-sticky"
  | "gpt2"
  | "gpt2-compressive"
  | "gpt2-infinite"
  | "gpt2-infinite-sticky";

/** The name of a run's model in results. */
export function modelName(settings: Pick<ModelSettings, "kind" | "memory" | "sampling">): ModelName {
  const { kind, memory } = settings;
  const sticky = isSticky(settings);
  if (kind === "infinite-former") return sticky ? "infinite-former-sticky" : kind;
  if (kind !== "gpt2") return kind;
  if (memory === "infinite") return sticky ? "gpt2-infinite-sticky" : "gpt2-infinite";
  return memory === "none" ? "gpt2" : "gpt2-compressive";
}

const titles: Readonly<Record<ModelName, string>> = {
  "transformer-xl": "Transformer-XL",
  compressive: "Compressive Transformer",
  "infinite-former": "∞-former",
  "infinite-former-sticky": "∞-former with sticky memories",
  gpt2: "GPT-2",
  "gpt2-compressive": "GPT-2 with a compressed memory",
  "gpt2-infinite": "GPT-2 with a long-term memory",
  "gpt2-infinite-sticky": "GPT-2 with a sticky long-term memory",
};

/** The same in words. */
export function modelTitle(settings: Parameters<typeof modelName>[0]): string {
  return titles[modelName(settings)];
}

/** Whether a model draws where it samples its past. */
export function isSticky({ kind, memory, sampling }: Parameters<typeof modelName>[0]): boolean {
  return sampling === "sticky" && (kind === "infinite-former" || (kind === "gpt2" && memory === "infinite"));
}

/** Models by the name that results have, in the order of tables. */
export const modelNames = ["gpt2", "gpt2-compressive", "gpt2-infinite", "gpt2-infinite-sticky"] as const;

/** A GPT-2 by what it remembers. */
export type ModelName = (typeof modelNames)[number];

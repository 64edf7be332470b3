export { type MeanScores, meanScores, type ScoredPair } from "./mean-scores.js";
export { type MeteorOptions, meteor } from "./meteor.js";
export type { Overlap } from "./overlap.js";
export { porterStem } from "./porter/porter-stem.js";
export type { References } from "./references.js";
export { type RougeOptions, rouge1, rougeL, rougeWords } from "./rouge.js";
export { contentWords, wordOverlap } from "./word-overlap.js";

import type { DrawDistance } from "./recall-text.js";

/** Segments back at which models are asked: in the same segment, and powers of two. */
export const probeDistances: readonly number[] = [0, 1, 2, 4, 8, 16, 32, 64];

const octaves = 6;

/**
 * Distances of the training text: one fact in ten is asked about in its own
 * segment, the others 1 … 64 segments later: in one of the ranges 1, 2–3, 4–7, …,
 * 32–63 and 64, each as often, and anywhere in it.
 */
export const trainingDistance: DrawDistance = (rng) => {
  if (rng.integer(0, 10) === 0) return 0;
  const from = 2 ** rng.integer(0, octaves + 1);
  return from === 2 ** octaves ? from : from + rng.integer(0, from);
};

/** Distances of the held-out text: each of `probeDistances` as often. */
export const probeDistance: DrawDistance = (rng) =>
  probeDistances[rng.integer(0, probeDistances.length)] as number;

/** A function made fast, with what it holds on to. */
export interface Compiled<A extends unknown[], R> {
  (...args: A): R;
  /** Frees the recorded graph, where there is one. */
  dispose(): void;
}

/**
 * Makes a function over trees of tensors fast where the backend can: native
 * TensorFlow records it once per set of shapes, other backends run it as it is.
 */
export type Compiler = <A extends unknown[], R>(fn: (...args: A) => R) => Compiled<A, R>;

/** Runs functions as they are. */
export const eager: Compiler = (fn) =>
  Object.assign((...args: Parameters<typeof fn>) => fn(...args), { dispose() {} });

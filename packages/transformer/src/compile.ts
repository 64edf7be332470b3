/** A function made fast, with what it holds on to. */
export interface CompiledFunction<A extends readonly unknown[], R> {
  (...args: A): R;
  /** Frees what was recorded. */
  dispose(): void;
  /** One entry a recorded set of shapes, where functions are recorded. */
  signatures?(): readonly unknown[];
}

/**
 * Makes a pure function over trees of tensors fast where the backend can:
 * `compile` of `@infinite-former/tensorflow`, or anything that keeps its
 * contract. Packages of models never import it; applications hand it in.
 */
export type Compile = <A extends unknown[], R>(fn: (...args: A) => R) => CompiledFunction<A, R>;

/** Runs functions as they are. */
export const asItIs: Compile = (fn) =>
  Object.assign((...args: Parameters<typeof fn>) => fn(...args), { dispose() {} });

import type { Arbitrary, default as fastCheck } from "fast-check";

/** A change to the bytes of a good file. */
export interface Mutation {
  readonly kind: string;
  readonly at: number;
  readonly value: number;
}
/** One to three mutations at random, for {@link mutate}. @param fc of the package under test */
export declare function mutationsOf(fc: typeof fastCheck): Arbitrary<Mutation[]>;
/** The bytes after one mutation; the ones given stay as they are. */
export declare function mutate(bytes: Uint8Array, mutation: Mutation): Uint8Array;

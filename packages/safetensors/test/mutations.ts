import { type Mutation, mutate } from "@infinite-former/tooling-vitest/mutations";

/**
 * A good file after some mutations. Half of the time the announced size of the
 * header follows, so that the header itself is what is read.
 */
export function mutated(file: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  return mutations.reduce((bytes, mutation) => {
    const next = mutate(bytes, mutation);
    if (mutation.at % 2 === 0 && next.length >= 8 && bytes.length >= 8) {
      const size = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
      const moved = size + BigInt(next.length - bytes.length);
      if (moved >= 0n) new DataView(next.buffer).setBigUint64(0, moved, true);
    }
    return next;
  }, file);
}

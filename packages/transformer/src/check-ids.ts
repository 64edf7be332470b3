import { RequestError } from "./request-error.js";

/**
 * Checks the ids of a text before any work is done.
 *
 * @param name of the text in messages, as `prompt`.
 * @throws {RequestError} `ERR_REQUEST` if there are none, or one is outside the vocabulary.
 */
export function checkIds(fn: string, name: string, ids: ArrayLike<number>, vocabularySize: number): void {
  if (ids.length === 0) throw new RequestError(`${fn}: ${name} must hold at least one id, got none`);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (Number.isInteger(id) && id >= 0 && id < vocabularySize) continue;
    throw new RequestError(`${fn}: ${name}[${i}] must be an integer in 0…${vocabularySize - 1}, got ${id}`);
  }
}

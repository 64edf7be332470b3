import { leaves } from "@infinite-former/tensor";
import { RequestError } from "./request-error.js";

/**
 * Checks that nothing of a tree has been disposed; backends say so in words that name nothing.
 *
 * @param what names the tree in the message, like `state`.
 * @throws {RequestError} `ERR_REQUEST` naming the first tensor that has been.
 */
export function checkAlive(fn: string, what: string, tree: object | undefined): void {
  const gone = leaves(tree ?? {}).find(({ tensor }) => tensor.isDisposed);
  if (gone === undefined) return;
  throw new RequestError(
    `${fn}: ${what} must not have been disposed, got ${what}.${gone.path} that has been`,
  );
}

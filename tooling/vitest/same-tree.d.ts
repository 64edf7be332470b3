/** Throws unless two trees of tensors have the same paths, types and shapes, and numbers as close as `expectClose` says. */
export declare function expectSameTree(
  got: object,
  want: object,
  limit?: { abs?: number; rel?: number; name?: string },
): void;

/**
 * A text that cannot be read or written as asked: a token id, an option or a
 * count out of range. `code` is `ERR_REQUEST`.
 */
export class RequestError extends RangeError {
  readonly code = "ERR_REQUEST";
  override readonly name = "RequestError";
}

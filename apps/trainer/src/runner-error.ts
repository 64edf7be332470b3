/** A runner used at the wrong time: disposed, or before another call has ended; `code` is `ERR_RUNNER`. */
export class RunnerError extends Error {
  readonly code = "ERR_RUNNER";
  override readonly name = "RunnerError";
}

/** A tensor whose shape does not fit; the message names function, argument, wanted and given shape. */
export class ShapeError extends Error {
  readonly code = "ERR_SHAPE";
  override readonly name = "ShapeError";
}

/** A row that a table does not have; the message names function, place and index. */
export class IndexError extends RangeError {
  readonly code = "ERR_INDEX";
  override readonly name = "IndexError";
}

/** A configuration value out of its range; `path` is the field's place, like `memory.ridge`. */
export class ConfigError extends Error {
  readonly code = "ERR_CONFIG";
  override readonly name = "ConfigError";
  readonly path: string;

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

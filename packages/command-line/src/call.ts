import type { Io } from "./io.js";

/** What every verb is given beside its own arguments. */
export interface CommandCall {
  readonly io: Io;
  /** The command as typed, for the run's records. */
  readonly typed: string;
}

/** Options that every verb takes. */
export interface CommonOptions {
  /** `auto`, `tensorflow`, `wasm` or `cpu`. */
  readonly backend: string;
  readonly json?: boolean;
}

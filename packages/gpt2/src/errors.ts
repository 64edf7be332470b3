/** A weight whose shape or type is not the one that the configuration asks for. */
export interface MisfitWeight {
  readonly name: string;
  /** Like `F32, F16 or BF16 [50257, 768]`. */
  readonly want: string;
  /** Like `I8 [50257, 768]`. */
  readonly got: string;
}

/** What is wrong with the weights of a file, by their names in the Hugging Face layout. */
export interface LayoutFaults {
  /** Asked for by the configuration, not there. */
  readonly missing: readonly string[];
  /** There, not known. */
  readonly unexpected: readonly string[];
  readonly misfit: readonly MisfitWeight[];
}

/** Names listed of each kind of fault; the fields of the error hold them all. */
const listed = 1000;

/** Weights that are not those of the configured GPT-2; the message lists them. */
export class Gpt2LayoutError extends Error implements LayoutFaults {
  readonly code = "ERR_GPT2_LAYOUT";
  override readonly name = "Gpt2LayoutError";
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misfit: readonly MisfitWeight[];

  constructor({ missing, unexpected, misfit }: LayoutFaults) {
    const misfits = misfit.map(({ name, want, got }) => `${quoted(name)} must be ${want}, got ${got}`);
    super(
      [
        "weights must be those of the configured GPT-2, got",
        ...lines("missing", missing.map(quoted)),
        ...lines("unexpected", unexpected.map(quoted)),
        ...lines("misfit", misfits),
      ].join("\n  "),
    );
    this.missing = missing;
    this.unexpected = unexpected;
    this.misfit = misfit;
  }
}

function lines(kind: string, texts: readonly string[]): string[] {
  const more = texts.length > listed ? [`${kind}: and ${texts.length - listed} more`] : [];
  return [...texts.slice(0, listed).map((text) => `${kind}: ${text}`), ...more];
}

/** A name as it may stand in a message: plain ones as they are, odd ones quoted and cut. */
function quoted(name: string): string {
  return /^[\w.]{1,120}$/.test(name) ? name : JSON.stringify(name.slice(0, 80));
}

/** A folder that holds no GPT-2 that can be loaded; `file` is the one at fault. */
export class Gpt2FolderError extends Error {
  readonly code = "ERR_GPT2_FOLDER";
  override readonly name = "Gpt2FolderError";
  readonly file: string;

  constructor(file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
  }
}

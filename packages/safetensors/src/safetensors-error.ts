/** A file that is not valid safetensors, or tensors that cannot be written as one. `code` is stable. */
export class SafetensorsError extends Error {
  readonly code = "ERR_SAFETENSORS" as const;

  /** @param message `function: what must …, got …` */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SafetensorsError";
  }
}

/** A name as it may stand in a message: quoted, cut where a file tries to flood the log, nothing that moves a cursor. */
export function quote(name: string): string {
  const quoted = JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}…` : name);
  return quoted.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

/** A contender that cannot be measured: which, why, and the end of what it wrote to stderr. */
export class ContenderError extends Error {
  readonly code = "ERR_CONTENDER";
  override readonly name = "ContenderError";
  /** Exit code of the process, where it has ended by itself. */
  readonly exitCode: number | null;

  constructor(who: string, reason: string, stderr: string, exitCode: number | null = null) {
    const said = stderr.trim().split("\n").slice(-12).join("\n");
    super(`${who}: ${reason}${said === "" ? "" : `; its stderr ends:\n${said}`}`);
    this.exitCode = exitCode;
  }
}

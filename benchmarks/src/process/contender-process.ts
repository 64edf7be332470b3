import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { ContenderError } from "./contender-error.js";
import { parseReady, parseTurn, type Ready, type Turn } from "./protocol.js";

/** How a contender is started. */
export interface ContenderCommand {
  /** How errors call it, as in "train-step infinite-former a, pytorch-careful". */
  readonly who: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Seconds until it must be ready; 600 by default. */
  readonly readySeconds?: number;
  /** Seconds that one turn may take; 900 by default. */
  readonly turnSeconds?: number;
}

/** How much of a contender's stderr is kept for an error. */
const keptStderr = 16_384;

/**
 * A process that stays and does a piece of work whenever it is told to:
 * `run N` on its stdin, one line of JSON on its stdout. Between turns it rests.
 */
export class ContenderProcess {
  readonly ready: Ready;
  readonly #options: ContenderCommand;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: LineQueue;

  private constructor(
    options: ContenderCommand,
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    lines: LineQueue,
    ready: Ready,
  ) {
    this.#options = options;
    this.#child = child;
    this.#lines = lines;
    this.ready = ready;
  }

  /**
   * Starts a contender and waits until it has done its first unit.
   *
   * @throws {ContenderError} `ERR_CONTENDER` if it cannot be started, ends, says something else or
   *   takes too long; no process is left behind then.
   */
  static async start(options: ContenderCommand): Promise<ContenderProcess> {
    const { command, args, env, readySeconds = 600 } = options;
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], ...(env ? { env } : {}) });
    const lines = new LineQueue(options.who, child);
    try {
      const line = await lines.next(readySeconds, "did not get ready");
      const ready = parseReady(line);
      if (ready === null) throw lines.fault(`wrote ${shortened(line)} where it must say that it is ready`);
      return new ContenderProcess(options, child, lines, ready);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /**
   * Does `units` of work and says how long they took.
   *
   * @throws {ContenderError} `ERR_CONTENDER` as `start`; the process is ended then.
   */
  async run(units: number): Promise<Turn> {
    try {
      this.#child.stdin.write(`run ${units}\n`);
      const line = await this.#lines.next(this.#options.turnSeconds ?? 900, `did not finish run ${units}`);
      const turn = parseTurn(line, units);
      if (turn === null)
        throw this.#lines.fault(`wrote ${shortened(line)} where it must give the time of run ${units}`);
      return turn;
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    }
  }

  /** Lets the process end, by force after three seconds. */
  async quit(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.stdin.end("quit\n");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), 3000);
    await ended;
    clearTimeout(force);
  }
}

/** Lines of a process's stdout, one at a time, and why no more will come. */
class LineQueue {
  readonly #who: string;
  readonly #lines: string[] = [];
  #stderr = "";
  #end: ContenderError | null = null;
  #wake: () => void = () => {};

  constructor(who: string, child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#who = who;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.trim() !== "") this.#lines.push(line);
      this.#wake();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
    child.stdin.on("error", () => {}); // that it has ended is said by its exit
    child.once("error", ({ message }) => this.#finish(`cannot be started: ${message}`, null));
    child.once("close", (code, signal) => {
      this.#finish(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`, code);
    });
  }

  #finish(reason: string, code: number | null): void {
    this.#end ??= this.fault(reason, code);
    this.#wake();
  }

  fault(reason: string, code: number | null = null): ContenderError {
    return new ContenderError(this.#who, reason, this.#stderr, code);
  }

  async next(seconds: number, complaint: string): Promise<string> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#end !== null) throw this.#end;
      const left = deadline - performance.now();
      if (left <= 0) throw this.fault(`${complaint} within ${seconds} s`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function shortened(line: string): string {
  return JSON.stringify(line.length > 120 ? `${line.slice(0, 120)}…` : line);
}

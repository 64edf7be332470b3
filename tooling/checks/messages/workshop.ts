import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../apps/trainer/src/cli.js";
import { smallRun } from "../../../apps/trainer/test/harness.js";

/** What a user does that is wrong, and what is said of it. */
export interface Message {
  readonly done: string;
  readonly said: string;
}

/** Arguments of a very small run on the cpu backend. */
const small = smallRun("book.txt", {
  "training.steps": 2,
  "training.checkpointEvery": 1,
  "training.sampleLength": 0,
});

/** The text of `book.txt`. */
export const book: string = "the whale saw the mast; a captain saw the sea and the ship.\n".repeat(20);

/** A place to do wrong things in: paths are told as names below `DIR`. */
export class Workshop {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Workshop> {
    const shop = new Workshop(await mkdtemp(join(tmpdir(), "infinite-former-messages-")));
    await shop.file("book.txt", book);
    await shop.command("train", "--out", "RUN", "--set", "data.text=book.txt");
    return shop;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file, of `size` bytes where that is more than its content. */
  async file(name: string, content: string | Uint8Array, size = 0): Promise<string> {
    const path = this.path(name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, content);
    if (size > 0) await truncate(path, size);
    return path;
  }

  /** Runs the command line in the folder; what is typed, and what it says on stderr with its exit code. */
  async command(...args: string[]): Promise<Message> {
    const [verb, ...given] = args as [string, ...string[]];
    const begins = verb === "train" && !given.includes("--resume");
    const backend = ["presets", "inspect"].includes(verb) ? [] : ["--backend", "cpu"];
    return this.#run("infinite-former", main, args, [verb, ...(begins ? small : backend), ...given]);
  }

  /** The command line with these arguments and no others. */
  async trainer(...args: string[]): Promise<Message> {
    return this.#run("infinite-former", main, args, args);
  }

  /** The same of another program. */
  async program(name: string, run: typeof main, args: readonly string[]): Promise<Message> {
    return this.#run(name, run, args, [...args, "--backend", "cpu"]);
  }

  async #run(
    name: string,
    run: typeof main,
    typed: readonly string[],
    args: readonly string[],
  ): Promise<Message> {
    let said = "";
    const io = {
      stdout: { write: () => true },
      stderr: { write: (text: string) => (said += text) },
      interactive: false,
      env: { INFINITE_FORMER_DATA: this.folder },
      cwd: this.folder,
    };
    const code = await run(args, io);
    const lines = said
      .split("\n")
      .filter((line) => !/^(backend|preset|train \d|validate|seed|[\d.]+ s a step) ?/.test(line));
    const shown = typed.map((one) => (/^[\w./=,:-]+$/.test(one) ? one : `'${one}'`)).join(" ");
    return {
      done: `${name} ${shown}`,
      said: this.#plain(`${lines.join("\n").trim()}\nexit code ${code}`),
    };
  }

  /** What a call throws. */
  async call(done: string, work: () => unknown): Promise<Message> {
    try {
      await work();
      return { done, said: "(nothing)" };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return { done, said: this.#plain(`${code ?? "no code"}: ${message}`) };
    }
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  #plain(text: string): string {
    return text
      .replaceAll(this.folder, "DIR")
      .replace(/[0-9a-f]{64}/g, "SHA-256")
      .replace(
        /\b[A-Z][^\n:]* JSON at position \d+( \(line [^)]*\))*/g,
        "(what JSON.parse says, with its place)",
      );
  }
}

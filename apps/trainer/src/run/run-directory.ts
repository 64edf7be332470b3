import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  errorCode,
  lockName,
  lockRun,
  type RunLock,
  removePartials,
  systemReason,
  UsageError,
  writeFileAtomically,
} from "@infinite-former/command-line";
import { baseConfig } from "../config/presets.js";
import { resolveConfig } from "../config/resolve.js";
import type { TrainerConfig } from "../config/schema.js";
import { settingsOf } from "../config/settings.js";
import type { StartedFrom } from "../source/model-source.js";
import { appendMetrics, type MetricsLine, readMetrics, truncateMetrics } from "./metrics.js";
import { assertWritable, makeFolder } from "./writable-folder.js";

/** The vocabulary that a run keeps in `vocabulary.json`. */
export interface VocabularyReference {
  readonly kind: "words" | "byte-pairs";
  readonly size: number;
  readonly sha256: string;
}

/** What `config.json` holds beside the settings. */
export interface Provenance {
  readonly format: "infinite-former/run";
  readonly formatVersion: 1;
  readonly preset: string;
  readonly seed: number;
  readonly backend: {
    readonly name: string;
    readonly version: string | null;
    readonly device: string | null;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly command: string;
  /** SHA-256 of the whole text, UTF-8. */
  readonly dataSha256: string;
  readonly corpus: {
    readonly source: string;
    readonly characters: number;
    readonly trainTokens: number;
    readonly validTokens: number;
  };
  /**
   * Characters in the order of their ids, the unknown symbol not among them; of words and byte pairs what
   * tells `vocabulary.json`.
   */
  readonly vocabulary: readonly string[] | VocabularyReference;
  readonly parameters: number;
  /** What told the weights that the run started from; absent where they were drawn. */
  readonly startedFrom?: StartedFrom;
  readonly created: string;
}

/** A run's `config.json`. */
export type RunConfig = TrainerConfig & Provenance;

/** The files of one run. Holds the lock of the directory where it was opened for training. */
export class RunDirectory {
  readonly path: string;
  readonly #lock: RunLock | null;

  private constructor(path: string, lock: RunLock | null) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Checks, without writing, that a new run may begin at a path: it is absent,
   * an empty folder, or holds no more than a run that was killed before its
   * first step left.
   *
   * @throws {UsageError} `ERR_USAGE` saying what is there and what to do.
   */
  static async checkVacant(path: string): Promise<void> {
    let names: string[];
    try {
      names = await readdir(path);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return;
      throw new UsageError(`--out ${path}: ${systemReason(error)}`);
    }
    if (names.includes("config.json")) {
      throw new UsageError(
        `--out ${path}: holds a run already; go on with --resume ${path}, or give another --out`,
      );
    }
    const empty = (await entries(join(path, "checkpoints"))).every((name) => name.startsWith("."));
    const isLeftover = (name: string): boolean =>
      name.startsWith(lockName) ||
      name.endsWith(".partial") ||
      name === "vocabulary.json" ||
      (name === "checkpoints" && empty);
    if (!names.every(isLeftover)) {
      throw new UsageError(`--out ${path}: is neither empty nor a run directory; give another --out`);
    }
  }

  /**
   * Makes the directory of a new run and takes its lock.
   *
   * @throws {UsageError} `ERR_USAGE` where it cannot be written, before any training.
   */
  static async create(path: string): Promise<RunDirectory> {
    await RunDirectory.checkVacant(path);
    try {
      await makeFolder(path);
    } catch (error) {
      throw new UsageError(`--out ${path}: cannot be made: ${systemReason(error)}`);
    }
    return RunDirectory.#locked(path);
  }

  /** Makes `parent/name`, or `parent/name-2` and so on where that is taken. */
  static async createUnder(parent: string, name: string): Promise<RunDirectory> {
    try {
      await makeFolder(parent);
      for (let count = 1; ; count++) {
        const path = join(parent, count === 1 ? name : `${name}-${count}`);
        try {
          await mkdir(path);
        } catch (error) {
          if (errorCode(error) === "EEXIST") continue;
          throw error;
        }
        return await RunDirectory.create(path);
      }
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`${parent}: cannot be written: ${systemReason(error)}; give --out`);
    }
  }

  /** Opens an existing run to train on it, with its lock. */
  static async resume(path: string): Promise<RunDirectory> {
    await RunDirectory.open(path).readConfig();
    return RunDirectory.#locked(path);
  }

  /** Looks at a run without locking it. Nothing is checked before the first reading. */
  static open(path: string): RunDirectory {
    return new RunDirectory(path, null);
  }

  static async #locked(path: string): Promise<RunDirectory> {
    let lock: RunLock | null = null;
    try {
      lock = await lockRun(path);
      const directory = new RunDirectory(path, lock);
      await removePartials(path);
      await assertWritable(directory.checkpoints);
      return directory;
    } catch (error) {
      await lock?.release();
      if (errorCode(error) === "ERR_USAGE") throw error;
      throw new UsageError(`${path}: cannot be written: ${systemReason(error)}`);
    }
  }

  get checkpoints(): string {
    return join(this.path, "checkpoints");
  }

  get report(): string {
    return join(this.path, "report.html");
  }

  get #metrics(): string {
    return join(this.path, "metrics.jsonl");
  }

  /**
   * The run's configuration, checked as a configuration file is.
   *
   * @throws {UsageError} `ERR_USAGE` where the path is no run directory or its `config.json` is damaged.
   */
  async readConfig(): Promise<RunConfig> {
    const file = join(this.path, "config.json");
    let text: string;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      throw new UsageError(`${this.path}: is not a run directory (${await whyNot(this.path, error)})`);
    }
    let document: Partial<RunConfig>;
    try {
      document = JSON.parse(text) as Partial<RunConfig>;
    } catch (error) {
      throw new UsageError(`${file}: cannot be parsed: ${(error as Error).message}`);
    }
    if (document?.format !== "infinite-former/run") {
      const gpt2 = (document as { readonly model_type?: unknown } | null)?.model_type === "gpt2";
      const remedy = gpt2
        ? `: a GPT-2 in Hugging Face layout is trained from with --preset gpt2-small-tune --set model.from=${this.path}`
        : "";
      throw new UsageError(
        `${file}: is not a run's configuration ("format" must be "infinite-former/run")${remedy}`,
      );
    }
    if (document.formatVersion !== 1) {
      throw new UsageError(
        `${file}: has format version ${String(document.formatVersion)}; this version reads 1`,
      );
    }
    if (!isVocabulary(document.vocabulary)) {
      throw new UsageError(`${file}: "vocabulary" must be a list of characters, or tell vocabulary.json`);
    }
    if (document.startedFrom !== undefined && !isStartedFrom(document.startedFrom)) {
      throw new UsageError(
        `${file}: "startedFrom" must tell a path and the SHA-256 of files, or be left out`,
      );
    }
    const config = resolveConfig(baseConfig, [settingsOf(document, file)]);
    return { ...(document as RunConfig), ...config };
  }

  /** Writes `config.json`, whole or not at all. */
  async writeConfig(config: RunConfig): Promise<void> {
    await writeFileAtomically(join(this.path, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** Writes `vocabulary.json`, whole or not at all. */
  async writeVocabulary(json: string): Promise<void> {
    await writeFileAtomically(join(this.path, "vocabulary.json"), json);
  }

  async appendMetrics(line: MetricsLine): Promise<void> {
    await appendMetrics(this.#metrics, line);
  }

  async readMetrics(): Promise<MetricsLine[]> {
    return readMetrics(this.#metrics);
  }

  /** Takes back reports of steps after `lastStep`; returns how many. */
  async truncateMetrics(lastStep: number): Promise<number> {
    return truncateMetrics(this.#metrics, lastStep);
  }

  async writeReport(html: string): Promise<void> {
    await writeFileAtomically(this.report, html);
  }

  /** Gives the lock free. */
  async close(): Promise<void> {
    await this.#lock?.release();
  }
}

function isVocabulary(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((character) => typeof character === "string");
  const { kind, size, sha256 } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    (kind === "words" || kind === "byte-pairs") && Number.isSafeInteger(size) && typeof sha256 === "string"
  );
}

function isStartedFrom(value: unknown): boolean {
  const { path, step = 0, files } = (value ?? {}) as Partial<Record<string, unknown>>;
  const tells = typeof files === "object" && files !== null && !Array.isArray(files);
  return (
    typeof path === "string" &&
    Number.isSafeInteger(step) &&
    tells &&
    Object.values(files).every((sha256) => typeof sha256 === "string")
  );
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return []; // not there, or no folder: found out when it is written to
  }
}

async function whyNot(path: string, error: unknown): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return "it is a file";
  } catch (missing) {
    return systemReason(missing);
  }
  return errorCode(error) === "ENOENT" ? "it has no config.json" : systemReason(error);
}

import { appendFile, readFile } from "node:fs/promises";
import { errorCode, writeFileAtomically } from "@infinite-former/command-line";

/** One report in `metrics.jsonl`. Losses are in nats per token. */
export interface MetricsLine {
  readonly step: number;
  /** Tokens trained on so far. */
  readonly tokens: number;
  /** Wall time of training so far. */
  readonly seconds: number;
  /** `train`: mean over the steps since the last line; `valid`: mean over the split. */
  readonly loss: number;
  readonly lr: number;
  readonly tokensPerSecond: number;
  readonly split: "train" | "valid";
  readonly gradientNorm?: number;
  /** Weighted KL penalty within the trained loss, where there is one. */
  readonly penalty?: number;
  /** Tokens of the split that were read, where not all were. */
  readonly evaluatedTokens?: number;
  /** Text generated at this point. */
  readonly sample?: string;
  /** Steps skipped so far because their loss or gradient was not finite. */
  readonly skipped?: number;
}

/** Adds one line to a metrics file. */
export async function appendMetrics(path: string, line: MetricsLine): Promise<void> {
  await appendFile(path, `${JSON.stringify(line)}\n`);
}

/**
 * Reads a metrics file. A last line that was cut off (a killed process) is
 * left out; lines that are no report are left out too.
 */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      return isMetricsLine(value) ? [value] : [];
    } catch {
      return [];
    }
  });
}

function isMetricsLine(value: unknown): value is MetricsLine {
  if (typeof value !== "object" || value === null) return false;
  const { step, loss, split } = value as Partial<MetricsLine>;
  return Number.isSafeInteger(step) && typeof loss === "number" && (split === "train" || split === "valid");
}

/**
 * Takes back what was reported after a step: those steps will be made again.
 *
 * @returns how many lines went.
 */
export async function truncateMetrics(path: string, lastStep: number): Promise<number> {
  const lines = await readMetrics(path);
  const kept = lines.filter((line) => line.step <= lastStep);
  await writeFileAtomically(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return lines.length - kept.length;
}

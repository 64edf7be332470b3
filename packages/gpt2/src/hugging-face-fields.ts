import { ConfigError } from "@infinite-former/tensor";

/** The fields of a `config.json`, each with what it must be; faults are gathered, and a default stands in for what is wrong. */
export interface HuggingFaceFields {
  /** As it stands in the file. */
  value(path: string): unknown;
  /** A whole number from 1, under its name or another that `GPT2Config` takes for it. */
  size(path: string, absent: number, most?: number): number;
  positive(path: string, absent: number): number;
  /** A dropout rate in [0, 1), 0.1 where there is none. */
  rate(path: string): number;
  flag(path: string, absent: boolean): boolean;
  /** @param must what the field must do, as in `be false`. */
  fault(path: string, must: string, value: unknown): void;
  /** @throws {ConfigError} `ERR_CONFIG` that lists the faults, if there are any; `path` is the first one's. */
  throwFaults(): void;
}

/** Above the size of any model: what a file asks for must not decide how much is laid out before its weights are seen. */
const largestSize = 2 ** 24;

/** Other names that `GPT2Config` takes for its fields. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  n_embd: ["hidden_size"],
  n_positions: ["max_position_embeddings", "n_ctx"],
  n_head: ["num_attention_heads"],
  n_layer: ["num_hidden_layers"],
};

/** @param json the parsed file; untrusted. */
export function huggingFaceFields(json: Readonly<Record<string, unknown>>): HuggingFaceFields {
  const faults: { readonly path: string; readonly message: string }[] = [];
  const value = (path: string): unknown => (Object.hasOwn(json, path) ? json[path] : undefined);
  const fault = (path: string, must: string, given: unknown): void => {
    const shown = JSON.stringify(given) ?? String(given);
    faults.push({ path, message: `${path} must ${must}, got ${shown.slice(0, 80)}` });
  };
  const checked = <T>(path: string, absent: T, fits: (given: unknown) => given is T, must: string): T => {
    const given = value(path) ?? absent;
    if (fits(given)) return given;
    fault(path, must, given);
    return absent;
  };
  return {
    value,
    fault,
    size(path, absent, most = largestSize) {
      const name = [path, ...(aliases[path] ?? [])].find((each) => value(each) !== undefined) ?? path;
      const given = checked(name, absent, isSize, "be a whole number above 0");
      if (given <= most) return given;
      fault(name, `be at most ${most}`, given);
      return absent;
    },
    positive: (path, absent) => checked(path, absent, isPositive, "be a finite number above 0"),
    rate: (path) => checked(path, 0.1, isRate, "be in [0, 1)"),
    flag: (path, absent) => checked(path, absent, isFlag, "be true or false"),
    throwFaults() {
      const [first, ...more] = faults;
      if (first === undefined) return;
      const messages = faults.map(({ message }) => message);
      const text = more.length === 0 ? first.message : [`${faults.length} faults`, ...messages].join("\n  ");
      throw new ConfigError(first.path, `config.json: ${text}`);
    },
  };
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isPositive = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;
const isRate = (value: unknown): value is number => typeof value === "number" && value >= 0 && value < 1;
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";

import { shown } from "@infinite-former/command-line";
import { checkSampling, RequestError } from "@infinite-former/transformer";
import type {
  RunnerBatchOptions,
  RunnerGenerateOptions,
  RunnerOptions,
  RunnerReadOptions,
  RunnerWriteOptions,
} from "./runner-options.js";

/** The error of a method of `Runner` for an argument that is not what it must be. */
function refusal(method: string, name: string, must: string, value: unknown): RequestError {
  const got = value === undefined ? "none" : shown(value);
  return new RequestError(`Runner.${method}: ${name} must be ${must}, got ${got}`);
}

/** @throws {RequestError} `ERR_REQUEST` naming the argument that cannot be opened with. */
export function checkOpening(path: string, options: RunnerOptions): void {
  checkString("open", "path", path);
  checkObject("open", options);
  checkSeed("open", options.seed);
  checkFunction("open", "compile", options.compile);
  checkFunction("open", "onNotice", options.onNotice);
}

/** @param name of what is read, and where it is named. @throws {RequestError} `ERR_REQUEST` naming the argument that cannot be read with. */
export function checkReading(
  method: "read" | "readFile",
  name: "text" | "path",
  value: string,
  options: RunnerReadOptions,
): void {
  checkString(method, name, value);
  checkObject(method, options);
  checkSignal(method, options.signal);
  checkFunction(method, "onProgress", options.onProgress);
}

/** @throws {RequestError} `ERR_REQUEST` naming the option that nothing can be written with. */
export function checkGenerate(options: RunnerGenerateOptions): void {
  checkWriting("generate", options);
  if (options.prompt !== undefined) checkString("generate", "prompt", options.prompt);
}

/** @throws {RequestError} `ERR_REQUEST` naming the option that nothing can be written with. */
export function checkGenerateBatch(options: RunnerBatchOptions): void {
  checkWriting("generateBatch", options);
  checkStrings("generateBatch", "prompts", options.prompts);
  if (options.prompts.length === 0)
    throw new RequestError("Runner.generateBatch: prompts must hold at least one prompt, got none");
}

/** @throws {RequestError} `ERR_REQUEST` where no bytes are given. */
export function checkBytes(method: string, bytes: Uint8Array): void {
  if (!(bytes instanceof Uint8Array)) throw refusal(method, "bytes", "a Uint8Array", bytes);
}

function checkWriting(method: string, options: RunnerWriteOptions): void {
  checkObject(method, options);
  checkSampling(options);
  const { maxTokens, stop = [], seed, signal } = options;
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 0)
    throw refusal(method, "maxTokens", "an integer of at least 0", maxTokens);
  checkStrings(method, "stop", stop);
  const empty = stop.indexOf("");
  if (empty >= 0) throw new RequestError(`Runner.${method}: stop[${empty}] must not be empty`);
  checkSeed(method, seed);
  checkSignal(method, signal);
}

function checkObject(method: string, options: object): void {
  if (typeof options !== "object" || options === null) throw refusal(method, "options", "an object", options);
}

function checkString(method: string, name: string, value: string): void {
  if (typeof value !== "string") throw refusal(method, name, "a string", value);
}

function checkStrings(method: string, name: string, values: readonly string[]): void {
  if (!Array.isArray(values)) throw refusal(method, name, "a list of strings", values);
  for (const [index, value] of values.entries()) checkString(method, `${name}[${index}]`, value);
}

function checkSeed(method: string, seed = 0): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw refusal(method, "seed", `an integer from 0 to ${Number.MAX_SAFE_INTEGER}`, seed);
}

function checkSignal(method: string, signal: AbortSignal | undefined): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw refusal(method, "signal", "an AbortSignal", signal);
}

function checkFunction(method: string, name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") throw refusal(method, name, "a function", value);
}

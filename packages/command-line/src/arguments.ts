import { backendNames } from "@infinite-former/backend";
import { InvalidArgumentError, Option } from "commander";

/** `--backend`, which every command takes; the environment's `INFINITE_FORMER_BACKEND` stands behind it. */
export function backendOption(): Option {
  return new Option("--backend <name>", "what computes; auto takes the fastest that works")
    .choices(["auto", ...backendNames])
    .env("INFINITE_FORMER_BACKEND")
    .default("auto");
}

/** Parses an option that may be given again and again. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Parses an integer from 0 to 2⁵³ − 1. @throws {InvalidArgumentError} */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > Number.MAX_SAFE_INTEGER) {
    throw new InvalidArgumentError(`It must be at most ${Number.MAX_SAFE_INTEGER}.`);
  }
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError("It must be an integer of at least 0.");
  }
  return value;
}

/** Parses an integer from 1 to 2⁵³ − 1. @throws {InvalidArgumentError} */
export function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError("It must be an integer of at least 1.");
  return value;
}

/** Parses a finite number. @throws {InvalidArgumentError} */
export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("It must be a finite number.");
  return value;
}

import { activateBackend, type BackendReport, describeChoice } from "@infinite-former/backend";
import { registerGradients } from "@infinite-former/tensor";
import { type Compiled, type Compiler, eager } from "./compiler.js";
import { type Io, notice } from "./io.js";

/** The backend in use, and how functions are made fast on it. */
export interface ActiveBackend {
  readonly report: BackendReport;
  readonly compile: Compiler;
}

/**
 * Takes a backend and says which and why on stderr.
 *
 * @param name `auto`, `tensorflow`, `wasm` or `cpu`.
 * @throws {BackendError} `ERR_BACKEND` where it cannot be had, with the remedy.
 */
export async function takeBackend(io: Io, name: string): Promise<ActiveBackend> {
  const report = await activateBackend(name);
  registerGradients();
  notice(io, describeChoice(report));
  return { report, compile: await compilerFor(report.name, io) };
}

async function compilerFor(name: string, io: Io): Promise<Compiler> {
  if (name !== "tensorflow" || io.env["INFINITE_FORMER_COMPILE"] === "0") return eager;
  const { compile } = await import("@infinite-former/tensorflow");
  return compile as unknown as <A extends unknown[], R>(fn: (...args: A) => R) => Compiled<A, R>;
}

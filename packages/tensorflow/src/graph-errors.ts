import { CompileError } from "./compile-error.js";
import { neededNodes } from "./graph-builder.js";
import type { Trace } from "./graph-trace.js";
import type { GraphBackend } from "./native-backend.js";
import { releaseCaptures } from "./recorder.js";

/** True for TensorFlow's status RESOURCE_EXHAUSTED: our addon gives a code, upstream's kernels a text. */
function isLackOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "code" in error && error.code === "ERR_OUT_OF_MEMORY"
    ? true
    : /Invalid TF_Status: 8\b/.test(error.message);
}

/** Runs a function; a lack of memory in one of its operations gets a name and a code. */
export function nameLackOfMemory<T>(label: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CompileError || !isLackOfMemory(error)) throw error;
    const message = `${label}: TensorFlow ran out of memory: ${(error as Error).message}`;
    throw new CompileError(message, { cause: error, code: "ERR_OUT_OF_MEMORY" });
  }
}

/**
 * TensorFlow's refusal as ours: it names the operation's node and, where the
 * function can be recorded once more with call sites, the line of the caller.
 *
 * @param again records the function with call sites
 */
export function explainRefusal(
  label: string,
  error: unknown,
  backend: GraphBackend,
  again: () => Trace,
): unknown {
  if (error instanceof CompileError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const node = /\{\{node (?:[^}]*\/)?([^}/]+)\}\}/.exec(text)?.[1];
  const code = isLackOfMemory(error) ? "ERR_OUT_OF_MEMORY" : "ERR_COMPILE";
  const site = node && code === "ERR_COMPILE" ? siteOf(node, backend, again) : undefined;
  const where = node ? ` at operation ${node}${site ? `, called ${site}` : ""}` : "";
  const what = code === "ERR_COMPILE" ? "refused the graph" : "ran out of memory";
  return new CompileError(`${label}: TensorFlow ${what}${where}: ${text}`, { cause: error, code });
}

function siteOf(name: string, backend: GraphBackend, again: () => Trace): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  try {
    const { builder, references } = again();
    releaseCaptures(backend.binding, builder);
    for (const node of neededNodes(references)) if (node.name === name) return callerOf(node.site ?? "");
    return undefined;
  } catch (error) {
    // The function fails when it is recorded, too: the stack leads to the same line.
    return error instanceof Error ? callerOf(error.stack ?? "") : undefined;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

const NOT_THE_CALLER =
  /@tensorflow[\\/]tfjs|node:internal|tensorflow[\\/](src[\\/](?!.*\.test\.)|generated[\\/]|dist[\\/])|\(native\)|<anonymous>\)$/;

/** The first line of a stack that is neither TensorFlow.js nor this package. */
function callerOf(stack: string): string | undefined {
  const line = stack.split("\n").find((entry) => /^\s+at /.test(entry) && !NOT_THE_CALLER.test(entry));
  return line?.trim();
}

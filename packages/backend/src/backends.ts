import * as tf from "@tensorflow/tfjs-core";
import { borrowCpuKernels } from "./borrow-kernels.js";
import { BackendError } from "./errors.js";
import { heard } from "./heard.js";
import type { BackendName } from "./names.js";
import { registerWasmProducts } from "./wasm-products.js";

/** What one backend says of itself once it is loaded. */
export interface LoadedBackend {
  /** Version of the software that computes. */
  readonly version: string;
  /** What it computes on. */
  readonly device: "cpu" | "gpu";
}

/**
 * How each backend is brought to run: imports it, registers it in the engine and
 * makes it the current one. Each is loaded only when asked for.
 */
export const loaders: Readonly<Record<BackendName, () => Promise<LoadedBackend>>> = {
  async tensorflow() {
    // Optional: an application may do without the native package.
    const { loadTensorflow } = await import("@infinite-former/tensorflow");
    const { version, device } = await loadTensorflow();
    await makeCurrent("tensorflow");
    return { version, device };
  },
  async wasm() {
    if (!("WebAssembly" in globalThis)) throw new Error("this runtime has no WebAssembly");
    await loadCpu();
    const { version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
    await startWasm();
    borrowCpuKernels("wasm");
    registerWasmProducts();
    return { version: version_wasm, device: "cpu" };
  },
  async cpu() {
    const version = await loadCpu();
    await makeCurrent("cpu");
    return { version, device: "cpu" };
  },
};

/** @throws {BackendError} `ERR_BACKEND` where the program of the backend cannot be read or compiled. */
async function startWasm(): Promise<void> {
  try {
    await heard(() => withoutProcessHooks(() => makeCurrent("wasm")));
  } catch (cause) {
    const [first = (cause as Error).message] = (cause as { heard?: readonly string[] }).heard ?? [];
    const reason = `its .wasm file cannot be used: ${first.replace(/^Aborted\((?:Error: )?(.*?)\)*$/s, "$1")}`;
    const remedy = "install @tensorflow/tfjs-backend-wasm anew";
    throw new BackendError("wasm", { reason, remedy, cause });
  }
}

async function loadCpu(): Promise<string> {
  const { version_cpu } = await import("@tensorflow/tfjs-backend-cpu");
  // Its first use prints an advertisement for another backend.
  const backend = tf.findBackend("cpu") as unknown as { firstUse: boolean };
  backend.firstUse = false;
  return version_cpu;
}

async function makeCurrent(name: BackendName): Promise<void> {
  const set = await tf.setBackend(name);
  if (!set) throw new Error(`the engine could not initialise ${name}`);
  await tf.ready();
}

/**
 * Runs `start` and takes back what Emscripten does to a Node process: listeners
 * that turn every uncaught error into another one, and a global `Worker`.
 */
async function withoutProcessHooks(start: () => Promise<void>): Promise<void> {
  const { process } = globalThis;
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = events.map((event) => process?.rawListeners(event) ?? []);
  const hadWorker = "Worker" in globalThis;
  await start();
  if (!process) return;
  for (const [index, event] of events.entries()) {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]?.includes(listener)) {
        process.removeListener(event, listener as (...args: unknown[]) => void);
      }
    }
  }
  if (!hadWorker) Reflect.deleteProperty(globalThis, "Worker");
}

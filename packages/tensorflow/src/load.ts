import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { buildAddon } from "./addon.js";
import { BackendError } from "./errors.js";
import { registerFusedKernels } from "./fused-kernels.js";
import { findLibtensorflow, type Libtensorflow } from "./locate.js";
import { registerNativeKernels } from "./native-kernels.js";
import { permittedPlatform } from "./platform.js";
import { remedies } from "./remedies.js";
import { requireQuietly } from "./require-quietly.js";
import { noteSelection, selectedLibtensorflow } from "./selection.js";

/** What was loaded. */
export interface LoadReport {
  /** The name under which the backend is registered. */
  readonly name: "tensorflow";
  /** libtensorflow's own version. */
  readonly version: string;
  readonly device: "cpu" | "gpu";
  /** Where libtensorflow was found; `registered` where someone else had registered the backend. */
  readonly source: Libtensorflow["source"] | "registered";
}

/** What TensorFlow returns of one output tensor. */
export interface NativeTensorInfo {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** The addon's exports that this package uses; the constants `TF_…` are numbers beside them. */
export interface NativeBinding {
  readonly TF_Version: string;
  /** Which of the platform's instruction sets our own kernels run with: the widest, or what `ONEDNN_MAX_CPU_ISA` allows. */
  readonly instructionSet: string;
  readonly [constant: `TF_${string}`]: number | string;
  createTensor(
    shape: readonly number[],
    dtype: number,
    values: ArrayBufferView | readonly Uint8Array[],
  ): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array | Uint8Array[];
  executeOp(
    name: string,
    attributes: readonly object[],
    inputs: readonly number[],
    outputs: number,
  ): NativeTensorInfo[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  /** Makes a serialized GraphDef a function that `executeOp` calls by `name`; references are `node` or `node:index`. */
  addGraphFunction(
    name: string,
    graphDef: Uint8Array,
    inputs: readonly string[],
    outputs: readonly string[],
  ): void;
  removeGraphFunction(name: string): void;
}

let loaded: Promise<LoadReport> | undefined;

/**
 * Registers native TensorFlow as the backend `tensorflow` in the process's one
 * TensorFlow.js engine (without making it the current one). Loads what is there
 * and never downloads; compiles the addon (seconds, once) where libtensorflow is
 * on the machine and no set-up has run. Repeated calls share one result.
 *
 * @throws {BackendError} `ERR_BACKEND` with `reason` and `remedy` where it cannot be had
 */
export function loadTensorflow(): Promise<LoadReport> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function load(): Promise<LoadReport> {
  const platform = permittedPlatform();
  const present = registeredBinding();
  if (present) return describe(present, "registered");
  const selected = await selectedLibtensorflow();
  const library = selected ?? (await findLibtensorflow(process.env, platform));
  if (!library) {
    const reason = "native TensorFlow is not set up";
    throw new BackendError("tensorflow", { reason, remedy: remedies.setup });
  }
  const addon = await buildAddon(library, process.env, platform);
  const binding = open(addon);
  const { NodeJSKernelBackend, registerKernels } = await import("../generated/kernels.js");
  registerKernels();
  registerFusedKernels();
  if (!binding.isUsingGpuDevice()) registerNativeKernels();
  // Upstream asks for its package's name to know which libtensorflow it has.
  const packageName = `@tensorflow/tfjs-node${binding.isUsingGpuDevice() ? "-gpu" : ""}`;
  tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, packageName), 3);
  if (!selected) await noteSelection(library);
  return describe(binding, library.source);
}

/**
 * The addon behind the registered backend.
 *
 * @throws {BackendError} `ERR_BACKEND` before {@link loadTensorflow} has succeeded
 */
export function nativeBinding(): NativeBinding {
  const binding = registeredBinding();
  if (binding) return binding;
  const reason = "native TensorFlow is not loaded yet";
  throw new BackendError("tensorflow", { reason, remedy: "await loadTensorflow() first" });
}

function registeredBinding(): NativeBinding | undefined {
  if (!tf.findBackendFactory("tensorflow")) return undefined;
  return (tf.findBackend("tensorflow") as unknown as { binding?: NativeBinding } | null)?.binding;
}

function open(addon: string): NativeBinding {
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2"; // TensorFlow greets on stderr below that
  try {
    return requireQuietly(addon) as NativeBinding;
  } catch (cause) {
    const reason = `its addon does not load: ${(cause as Error).message}`;
    // Set-up leaves alone what is there: a damaged addon must go first.
    const remedy = `remove ${dirname(addon)}, then ${remedies.setup}`;
    throw new BackendError("tensorflow", { reason, remedy, cause });
  }
}

function describe(binding: NativeBinding, source: LoadReport["source"]): LoadReport {
  const device = binding.isUsingGpuDevice() ? "gpu" : "cpu";
  return { name: "tensorflow", version: binding.TF_Version, device, source };
}

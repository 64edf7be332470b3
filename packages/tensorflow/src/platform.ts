import type { Environment } from "./cache.js";
import { BackendError } from "./errors.js";
import { remedies } from "./remedies.js";

/** How libtensorflow's files are called and linked on one platform. */
export interface NativePlatform {
  /** `linux-x64` and the like. */
  readonly name: string;
  /** Library names that are looked for, in pairs: the C API first, what it stands on second. */
  readonly libraryNames: readonly (readonly [string, string])[];
  /** Flags that make a Node addon of C++. */
  readonly linkFlags: readonly string[];
  /** Instruction sets that kernels are compiled for, with the compiler's flags. */
  readonly instructionSets: readonly { readonly name: string; readonly flags: readonly string[] }[];
  /** False where the code was written but has never been run. */
  readonly tried: boolean;
}

const LINUX = {
  libraryNames: [
    ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
    ["libtensorflow.so.2", "libtensorflow_framework.so.2"],
  ],
  linkFlags: ["-shared", "-fPIC"],
} as const;

const MACOS = {
  libraryNames: [
    ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"],
    ["libtensorflow.2.dylib", "libtensorflow_framework.2.dylib"],
  ],
  linkFlags: ["-bundle", "-undefined", "dynamic_lookup", "-fPIC"],
} as const;

const BASELINE = { name: "baseline", flags: [] } as const;
const X64 = [
  BASELINE,
  { name: "avx2", flags: ["-mavx2", "-mfma"] },
  { name: "avx512", flags: ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"] },
] as const;

const PLATFORMS: readonly NativePlatform[] = [
  { name: "linux-x64", ...LINUX, instructionSets: X64, tried: true },
  { name: "linux-arm64", ...LINUX, instructionSets: [BASELINE], tried: false },
  { name: "darwin-arm64", ...MACOS, instructionSets: [BASELINE], tried: false },
];

/**
 * @returns what is known of this platform
 * @throws {BackendError} `ERR_BACKEND` where TensorFlow publishes no C library that this package can use
 */
export function nativePlatform(
  platform: string = process.platform,
  arch: string = process.arch,
): NativePlatform {
  const found = PLATFORMS.find(({ name }) => name === `${platform}-${arch}`);
  if (found) return found;
  const reason = `native TensorFlow is not available for ${platform} on ${arch}; the wasm backend is used there`;
  throw new BackendError("tensorflow", { reason, remedy: null });
}

/**
 * This platform, unless the user has switched native TensorFlow off.
 *
 * @throws {BackendError} `ERR_BACKEND` under `INFINITE_FORMER_NATIVE=0` and on platforms without it
 */
export function permittedPlatform(env: Environment = process.env): NativePlatform {
  if (env["INFINITE_FORMER_NATIVE"] !== "0") return nativePlatform();
  const reason = "INFINITE_FORMER_NATIVE=0 switches native TensorFlow off";
  throw new BackendError("tensorflow", { reason, remedy: remedies.native });
}

import { availableParallelism, cpus, release, totalmem } from "node:os";
import process from "node:process";
import * as tf from "@tensorflow/tfjs-core";

/** The machine as far as it explains timings. */
export function describeMachine(): Record<string, string | number> {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()} ${process.arch}`,
  };
}

/** Versions of what computes. */
export function describeVersions(
  own: { readonly name: string; readonly version: string },
  backend: { readonly name: string; readonly version: string },
): Record<string, string> {
  return {
    [own.name]: own.version,
    node: process.versions.node,
    "tfjs-core": tf.version_core,
    [backend.name]: backend.version,
  };
}

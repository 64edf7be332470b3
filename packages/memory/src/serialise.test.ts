import { createRng, uniforms } from "@infinite-former/random";
import { decodeSafetensors, encodeSealed } from "@infinite-former/safetensors";
import { disposeTree } from "@infinite-former/tensor";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBytes, type LongTermMemory, MemoryFormatError, resolveMemoryConfig, toBytes } from "./index.js";

const config = resolveMemoryConfig({ basisCount: 4, segmentLength: 6, sampleCount: 8 });
const values = uniforms(createRng(3), 2 * 4 * 3, -1, 1);
const sample = (): LongTermMemory => ({
  coefficients: tf.tensor3d(values, [2, 4, 3]),
  segments: tf.tensor1d([3, 17]),
});

const sticky = resolveMemoryConfig({ ...config, sampling: "sticky", stickyBins: 5 });
const masses = uniforms(createRng(4), 2 * 5, 0, 9);

async function sampleBytes(settings = config): Promise<Uint8Array> {
  const memory: LongTermMemory = {
    ...sample(),
    ...(settings.sampling === "sticky" ? { attended: tf.tensor2d(masses, [2, 5]) } : {}),
  };
  try {
    return await toBytes(settings, memory);
  } finally {
    disposeTree(memory);
  }
}

type Parts = {
  metadata: Record<string, string>;
  coefficients: Float32Array;
  segments: Float32Array;
  shape: number[];
};

/** The sample's file with something changed. */
async function tampered(change: (parts: Parts) => void): Promise<Uint8Array> {
  const { metadata } = decodeSafetensors(await sampleBytes());
  const parts = {
    metadata: { ...metadata },
    coefficients: values.slice(),
    segments: Float32Array.of(3, 17),
    shape: [2, 4, 3],
  };
  change(parts);
  const { sha256: _, ...rest } = parts.metadata;
  return encodeSealed(
    [
      ["coefficients", { dtype: "F32", shape: parts.shape, data: parts.coefficients }],
      ["segments", { dtype: "F32", shape: [parts.segments.length], data: parts.segments }],
    ],
    rest,
  );
}

function fault(bytes: Uint8Array, ...rest: [typeof config?, object?]): { path: string; message: string } {
  const before = tf.memory().numTensors;
  try {
    disposeTree(fromBytes(bytes, rest[0] ?? config, rest[1]));
  } catch (error) {
    expect(error).toBeInstanceOf(MemoryFormatError);
    const { code, path, message } = error as MemoryFormatError;
    expect(code).toBe("ERR_MEMORY");
    expect(tf.memory().numTensors).toBe(before);
    return { path, message };
  }
  return { path: "none", message: "" };
}

describe("toBytes and fromBytes", () => {
  it("are inverse, bit for bit", async () => {
    const bytes = await sampleBytes();
    const memory = fromBytes(bytes, config, { batch: 2, modelSize: 3 });
    expect(memory.coefficients.shape).toEqual([2, 4, 3]);
    expect(memory.coefficients.dataSync()).toEqual(values);
    expect(Array.from(memory.segments.dataSync())).toEqual([3, 17]);
    expect(await toBytes(config, memory)).toEqual(bytes);
    disposeTree(memory);
  });

  it("keep the attention mass of sticky memories, bit for bit", async () => {
    const bytes = await sampleBytes(sticky);
    const memory = fromBytes(bytes, sticky, { batch: 2, modelSize: 3 });
    expect(memory.attended?.shape).toEqual([2, 5]);
    expect(memory.attended?.dataSync()).toEqual(masses);
    expect(await toBytes(sticky, memory)).toEqual(bytes);
    disposeTree(memory);
  });

  it("hold for any numbers", async () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true });
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 4, maxLength: 4 }), async (numbers) => {
        const memory = { coefficients: tf.tensor3d(numbers, [1, 4, 1]), segments: tf.tensor1d([1]) };
        const again = fromBytes(await toBytes(config, memory), config);
        expect(again.coefficients.dataSync()).toEqual(Float32Array.from(numbers));
        disposeTree([memory, again]);
      }),
      { seed: 5, numRuns: 30 },
    );
  });

  it("name the field of the configuration that differs", async () => {
    const bytes = await sampleBytes();
    expect(fault(bytes, { ...config, contraction: 0.5 })).toEqual({
      path: "config.contraction",
      message: "fromBytes: config.contraction must be 0.5, got 0.75",
    });
    expect(fault(bytes, { ...config, basisWidths: [0.01, 0.1] }).path).toBe("config.basisWidths");
    expect(fault(bytes, sticky).path).toBe("config.sampling");
    expect(fault(await sampleBytes(sticky), { ...sticky, stickyBins: 6 }).path).toBe("config.stickyBins");
    expect(fault(bytes, config, { batch: 3 }).path).toBe("coefficients.shape[0]");
    expect(fault(bytes, config, { modelSize: 8 }).path).toBe("coefficients.shape[2]");
  });

  const tamperings: [string, string, (parts: Parts) => void][] = [
    ["another format", "format", (parts) => (parts.metadata["format"] = "other")],
    ["a later version", "version", (parts) => (parts.metadata["version"] = "3")],
    [
      "a configuration with more fields",
      "config.more",
      (parts) => {
        parts.metadata["config"] = JSON.stringify({ ...config, more: 1 });
      },
    ],
    ["no configuration", "config.basisCount", (parts) => delete parts.metadata["config"]],
    ["a configuration that is no JSON", "config", (parts) => (parts.metadata["config"] = "{")],
    ["numbers that are not finite", "coefficients", (parts) => (parts.coefficients[5] = Number.NaN)],
    ["a count that is not whole", "segments", (parts) => (parts.segments[0] = 1.5)],
    ["a negative count", "segments", (parts) => (parts.segments[1] = -1)],
    ["an empty row that is not zero", "coefficients", (parts) => (parts.segments[1] = 0)],
    ["another number of rows", "segments.shape[0]", (parts) => (parts.segments = Float32Array.of(1, 1, 1))],
    ["another number of basis functions", "coefficients.shape[1]", (parts) => (parts.shape = [4, 2, 3])],
    ["another rank", "coefficients.shape.length", (parts) => (parts.shape = [8, 3])],
  ];
  for (const [what, path, change] of tamperings) {
    it(`refuse ${what}`, async () => {
      expect(fault(await tampered(change)).path).toBe(path);
    });
  }

  it("refuse a file of the earlier version and say what to do", async () => {
    const old = await tampered((parts) => (parts.metadata["version"] = "1"));
    expect(fault(old)).toEqual({
      path: "version",
      message: expect.stringMatching(
        /version must be "2", got "1"; an earlier release wrote it: read the text/,
      ),
    });
  });

  it("refuse attention mass that is negative, missing or superfluous", async () => {
    const { tensors, metadata } = decodeSafetensors(await sampleBytes(sticky));
    const { sha256: _, ...rest } = metadata;
    const changed = (data: Float32Array | null) => {
      const kept = [...tensors].filter(([name]) => name !== "attended");
      if (data !== null) kept.push(["attended", { dtype: "F32", shape: [2, 5], data }]);
      return encodeSealed(kept, rest);
    };
    expect(fault(changed(masses), sticky).path).toBe("none");
    expect(fault(changed(masses.map((mass, i) => (i === 7 ? -1 : mass))), sticky).path).toBe("attended");
    expect(fault(changed(null), sticky).path).toBe("attended");
    const foreign = encodeSealed(tensors, { ...rest, config: JSON.stringify(config) });
    expect(fault(foreign).message).toBe("fromBytes: attended must not be in the file");
  });

  it("refuse a file with any byte changed, wherever it is", async () => {
    const bytes = await sampleBytes(sticky);
    const rng = createRng(6);
    for (let at = 0; at < bytes.length; at++) {
      const altered = bytes.slice();
      altered[at] = (altered[at] as number) ^ (1 + rng.integer(0, 255));
      expect(["bytes", "format", "version", "sha256"], `byte ${at}`).toContain(fault(altered, sticky).path);
    }
    // The last number of the data: only the checksum can tell.
    const altered = bytes.slice();
    altered[bytes.length - 4] = (altered[bytes.length - 4] as number) ^ 1;
    expect(fault(altered, sticky)).toEqual({
      path: "sha256",
      message: expect.stringMatching(
        /fromBytes: sha256 must be that of the bytes: .* damaged or was altered/,
      ),
    });
  });

  it("refuse bytes that are no safetensors file, or one cut short", async () => {
    const bytes = await sampleBytes();
    expect(fault(new Uint8Array(3)).path).toBe("bytes");
    for (let length = 0; length < bytes.length; length++) {
      expect(fault(bytes.subarray(0, length)).path, `${length} bytes`).toBe("bytes");
    }
    const { sha256: _, ...rest } = decodeSafetensors(bytes).metadata;
    const other = encodeSealed([["other", { dtype: "F32", shape: [1], data: Float32Array.of(1) }]], rest);
    expect(fault(other).path).toBe("other");
    expect(fault(encodeSealed([], rest)).path).toBe("coefficients");
  });
});

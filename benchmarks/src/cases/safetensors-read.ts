import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { SafetensorsTensor } from "@infinite-former/safetensors";
import { readSafetensors, writeSafetensorsStream } from "@infinite-former/safetensors/node";
import { type BenchmarkResult, type Settings, shared } from "../result.js";
import { type Contender, inTurn, medianRatio, seconds } from "../rounds.js";

/** As many tensors of float32 as GPT-2 small has, in 256 MB. */
const tensorCount = 148;
const shape = [1024, 442] as const;

/**
 * Reading a file of 256 MB that the system holds in memory, every check of the
 * format and every tensor included, against plain reads of the same bytes.
 */
export async function safetensorsRead({ rounds }: Settings): Promise<BenchmarkResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "infinite-former-bench-"));
  try {
    const path = join(folder, "model.safetensors");
    const tensor: SafetensorsTensor = {
      dtype: "F32",
      shape,
      data: new Float32Array(shape[0] * shape[1]).fill(1),
    };
    const specs = Array.from({ length: tensorCount }, (_, i) => [`h.${i}.weight`, tensor] as const);
    await writeSafetensorsStream(path, specs, () => tensor);
    const reads = [
      timed(() => readSafetensors(path)),
      timed(() => readFile(path)),
      timed(async () => readFileSync(path)),
    ];
    const [ours = [], ...peers] = await inTurn(reads, rounds);
    return ["fs.readFile", "fs.readFileSync"].map((peer, i) => ({
      name: "safetensors-read",
      size: "256MB",
      shape: { tensors: tensorCount, bytes: tensorCount * tensor.data.byteLength },
      ...shared("javascript"),
      peer,
      seconds: seconds(ours),
      peerSeconds: seconds(peers[i] as number[]),
      ratio: medianRatio(ours, peers[i] as number[]),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Wall time of a read; what was read before is freed first, so that nobody pays for another's. */
function timed(read: () => Promise<unknown>): Contender {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  return async () => {
    collect();
    const start = performance.now();
    await read();
    return (performance.now() - start) / 1000;
  };
}

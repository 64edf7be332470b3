import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors } from "@infinite-former/safetensors";
import { parseState, renderState, sha256 } from "../../../packages/training/src/checkpoint-state.js";

/** Puts a number into a tensor of a checkpoint, under checksums that fit. */
export async function plant(
  checkpoint: string,
  file: string,
  tensor: string,
  value: number,
  index = 1,
): Promise<void> {
  const path = join(checkpoint, file);
  const { tensors } = decodeSafetensors(await readFile(path));
  const data = Float32Array.from(tensors.get(tensor)?.data as Float32Array);
  data[index] = value;
  const bytes = encodeSafetensors(
    [...tensors].map(([name, one]) => [name, name === tensor ? { ...one, dtype: "F32", data } : one]),
  );
  await writeFile(path, bytes);
  const stateFile = join(checkpoint, "state.json");
  const { state, files } = parseState(await readFile(stateFile, "utf8"), stateFile);
  const record = { bytes: bytes.length, sha256: sha256(bytes) };
  await writeFile(stateFile, renderState({ state, files: { ...files, [file]: record } }));
}

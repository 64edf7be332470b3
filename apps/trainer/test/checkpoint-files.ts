import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

/** SHA-256 of every tensor file of a checkpoint: all weights, moments and memories. */
export async function hashes(checkpoint: string): Promise<Record<string, string>> {
  const names = (await readdir(checkpoint)).filter((name) => name.endsWith(".safetensors"));
  const digest = async (name: string) => sha256(await readFile(join(checkpoint, name)));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await digest(name)])));
}

/** Flips one bit in the middle of a file. */
export async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1]! ^= 4;
  await writeFile(file, bytes);
}

/** Rewrites a checkpoint's `state.json` and seals it with the right checksum, as an able hand would. */
export async function forgeState(
  checkpoint: string,
  change: (state: Record<string, unknown>) => void,
): Promise<void> {
  const file = join(checkpoint, "state.json");
  const { sha256: _, ...content } = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  change(content);
  const render = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  await writeFile(file, render({ ...content, sha256: sha256(render(content)) }));
}

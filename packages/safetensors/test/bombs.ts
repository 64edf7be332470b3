import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startScript } from "@infinite-former/tooling-vitest/script";
import { expect } from "vitest";

/** A file that asks for much: its header, and what differs from a plain file of it. */
export interface Bomb {
  readonly fault: string;
  readonly header: string | Uint8Array;
  /** Announced in place of the header's size. */
  readonly announced?: bigint;
  /** The file is stretched to this size; it takes no room on the disk. */
  readonly size?: number;
}

/** Every way to read a file, see refuse-process.ts. */
export const ways = ["read", "open", "stream"] as const;

/** The header's text for that many empty tensors. */
export function entries(count: number): string {
  const info = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
  return `{${Array.from({ length: count }, (_, i) => `"t${i}":${info}`)}}`;
}

/** What it took a process to refuse a file. */
interface Refusal {
  readonly path: string;
  readonly way: string;
  readonly code: string;
  readonly milliseconds: number;
  readonly bytes: number;
}

/**
 * Reads all files in a new process, each in the ways given, and fails unless
 * each is refused with its own error, in under a second and 64 MB.
 */
export async function expectRefusals(bombs: readonly Bomb[], how: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "safetensors-bombs-"));
  try {
    const paths = bombs.map((_, i) => join(folder, String(i)));
    for (const [i, bomb] of bombs.entries()) await write(paths[i]!, bomb);
    const script = new URL("./refuse-process.ts", import.meta.url);
    const started = startScript(script, [how.join(), ...paths], { NODE_OPTIONS: "--expose-gc" });
    const { code, stdout, stderr } = await started.ended;
    expect(code, stderr).toBe(0);
    const refusals: Refusal[] = JSON.parse(stdout);
    expect(refusals).toHaveLength(bombs.length * how.length);
    for (const { path, way, code: found, milliseconds, bytes } of refusals) {
      const what = `${bombs[paths.indexOf(path)]!.fault}, ${way}`;
      expect(found, what).toBe("ERR_SAFETENSORS");
      expect(milliseconds, `${what}: milliseconds of processor time`).toBeLessThan(1000);
      expect(bytes / 2 ** 20, `${what}: MB`).toBeLessThan(64);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function write(path: string, { header, announced, size }: Bomb): Promise<void> {
  const text = Buffer.from(header as string);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(announced ?? BigInt(text.length));
  const file = await open(path, "w");
  try {
    await file.writev([prefix, text]);
    if (size !== undefined) await file.truncate(size);
  } finally {
    await file.close();
  }
}

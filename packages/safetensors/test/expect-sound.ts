import { expect } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsFile,
} from "../src/index.js";
import { bits } from "./arbitraries.js";

/**
 * Decodes bytes that may be anything, and fails unless they are refused by the
 * package's own error or give tensors that fill the file exactly.
 *
 * @returns the file, or `null` where it was refused
 */
export function decodeSoundly(bytes: Uint8Array): SafetensorsFile | null {
  let file: SafetensorsFile;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError && error.code === "ERR_SAFETENSORS") return null;
    throw error;
  }
  const headerSize = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const sum = [...file.tensors.values()].reduce((n, { data }) => n + data.byteLength, 0);
  expect(sum).toBe(bytes.length - 8 - headerSize);
  for (const { shape, data } of file.tensors.values()) {
    expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
  }
  return file;
}

/** What was accepted survives a second trip. */
export function expectSameAgain({ tensors, metadata }: SafetensorsFile): void {
  const again = decodeSafetensors(encodeSafetensors(tensors, metadata));
  expect([...again.tensors.keys()]).toEqual([...tensors.keys()]);
  for (const [name, tensor] of tensors) expect(bits(again.tensors.get(name)!)).toEqual(bits(tensor));
}

import { defaultSafetensorsLimits } from "./limits.js";

const convert =
  "convert it where you trust it: safetensors.torch.save_file(torch.load(FILE, weights_only=True), NEW)";

/** How the files that are taken for safetensors most often begin, and what helps. */
const beginnings: readonly (readonly [string, string])[] = [
  ["PK\x03\x04", `a zip archive, as PyTorch's pickled weights are: ${convert}`],
  ["\x80\x02", `a pickle, which can run code: ${convert}`],
  ["\x80\x03", `a pickle, which can run code: ${convert}`],
  ["\x80\x04", `a pickle, which can run code: ${convert}`],
  ["\x80\x05", `a pickle, which can run code: ${convert}`],
  ["\x89HDF", "an HDF5 file"],
  ["GGUF", "a GGUF file"],
  ["version ", "the pointer of a file in Git LFS: fetch the file itself with git lfs pull"],
  ["<", "HTML or XML: perhaps the error page of a download"],
];

/**
 * What a file is that is no safetensors file, by its first bytes: pickled
 * weights, an HDF5 or GGUF file, a pointer of Git LFS, HTML, a text.
 *
 * @param prefix the start of the file; eight bytes tell most, more are not looked at
 * @returns the end of a message (`; it looks like …`, with what helps), or
 *   nothing where the bytes say nothing or announce a header that may be
 */
export function foreignFormat(prefix: Uint8Array): string {
  if (prefix.length >= 8) {
    const size = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
    if (size <= defaultSafetensorsLimits.headerBytes) return "";
  }
  const text = String.fromCharCode(...prefix.subarray(0, 8));
  const found = beginnings.find(([beginning]) => text.startsWith(beginning));
  const kind = found?.[1] ?? (/^[\x20-\x7e\t\r\n]{8}/.test(text) ? "a text" : null);
  return kind === null ? "" : `; it looks like ${kind}`;
}

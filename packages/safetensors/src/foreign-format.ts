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
 * What a file is that announces no possible header, by its first bytes.
 *
 * @returns the end of a message, or nothing where the bytes say nothing
 */
export function foreignFormat(prefix: Uint8Array): string {
  const text = String.fromCharCode(...prefix.subarray(0, 8));
  const found = beginnings.find(([beginning]) => text.startsWith(beginning));
  const kind = found?.[1] ?? (/^[\x20-\x7e\t\r\n]{8}/.test(text) ? "a text" : null);
  return kind === null ? "" : `; it looks like ${kind}`;
}

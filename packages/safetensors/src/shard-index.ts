import { resolveLimits, type SafetensorsLimits } from "./limits.js";
import { quote, SafetensorsError } from "./safetensors-error.js";
import { Scanner } from "./scanner.js";

/** Levels of what an index says beside its map. */
const levels = 16;

/**
 * Reads and checks the index of a model in several files, `NAME.safetensors.index.json`:
 * `{"weight_map": {TENSOR: FILE, …}, …}`. What else it says is passed over.
 *
 * @param bytes the whole index
 * @returns the file of every tensor, in the index's order. File names are
 *   plain: nothing in them leads to another folder or a server.
 * @throws {SafetensorsError} `ERR_SAFETENSORS` if it is not JSON, has no map or
 *   two, names a tensor twice, names a file that is not plain or no
 *   `.safetensors` file, or is above the limits.
 */
export function parseShardIndex(bytes: Uint8Array, limits?: SafetensorsLimits): ReadonlyMap<string, string> {
  const bounds = resolveLimits(limits);
  if (bytes.length > bounds.indexBytes) throw tooLarge(bytes.length, bounds.indexBytes);
  const scanner = new Scanner(bytes, "index");
  let files: Map<string, string> | undefined;
  scanner.expect("{");
  scanner.members((member) => {
    if (member !== "weight_map") return scanner.skipValue(levels);
    if (files !== undefined) throw wrong("name everything once", "weight_map twice");
    files = readMap(scanner, bounds);
  });
  scanner.expectEnd();
  if (files === undefined) throw wrong("have a weight_map", "none");
  return files;
}

/** An index above the limit; said before it is read. */
export function tooLarge(bytes: number, limit: number): SafetensorsError {
  return wrong(`have at most ${limit} bytes`, String(bytes));
}

function readMap(scanner: Scanner, bounds: Required<SafetensorsLimits>): Map<string, string> {
  const files = new Map<string, string>();
  const shards = new Map<string, string>();
  scanner.expect("{");
  scanner.members((tensor) => {
    if (tensor === "__metadata__")
      throw wrong("name tensors", `${quote(tensor)}, which is kept for metadata`);
    if (files.has(tensor)) throw wrong("name everything once", `${quote(tensor)} twice`);
    if (files.size === bounds.indexTensors)
      throw wrong(`name at most ${bounds.indexTensors} tensors`, "more");
    const file = scanner.string();
    if (!shards.has(file)) {
      if (shards.size === bounds.shards) throw wrong(`name at most ${bounds.shards} files`, "more");
      checkFile(file);
      shards.set(file, file);
    }
    files.set(tensor, shards.get(file) as string); // one string for all tensors of a file
  });
  return files;
}

function checkFile(file: string): void {
  if (!isPlainName(file)) throw wrong("name files beside it by plain names", quote(file));
  if (file.endsWith(".safetensors")) return;
  const hint = /\.(bin|pt|pth|ckpt|pkl)$/.test(file)
    ? "; such files can run code when they are read: convert them, model.save_pretrained(FOLDER, safe_serialization=True)"
    : "";
  throw wrong("name .safetensors files", `${quote(file)}${hint}`);
}

/** Whether a name is that of a file in a folder itself, on every system: no separators, drives, streams, control characters, nor a dot at its start or end. */
export function isPlainName(name: string): boolean {
  return name.length <= 255 && !/^$|^\.|[\\/:*?"<>|\p{Cc}]|[. ]$/u.test(name);
}

function wrong(must: string, got: string): SafetensorsError {
  return new SafetensorsError(`safetensors: index must ${must}, got ${got}`);
}

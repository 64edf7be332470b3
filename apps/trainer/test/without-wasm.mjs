import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";

// Loaded before a program: to it every .wasm file is missing, or cut off after
// WASM_BYTES bytes, as after an installation that was interrupted.
const { readFileSync, readFile } = fs;
const bytes = process.env["WASM_BYTES"];
const isWasm = (path) => String(path).endsWith(".wasm");
const missing = (path) =>
  Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });

fs.readFileSync = (path, ...rest) => {
  if (!isWasm(path)) return readFileSync(path, ...rest);
  if (bytes === undefined) throw missing(path);
  return readFileSync(path).subarray(0, Number(bytes));
};
fs.readFile = (path, ...rest) => {
  if (!isWasm(path)) return readFile(path, ...rest);
  const done = rest.at(-1);
  if (bytes === undefined) return void done(missing(path));
  return readFile(path, (error, data) => done(error, data?.subarray(0, Number(bytes))));
};
syncBuiltinESMExports();

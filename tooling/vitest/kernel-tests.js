import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A kernel of our own, named as a string: what a test of its numbers against its twin cannot do without. */
const named = /"InfiniteFormer[A-Z][A-Za-z]*"/g;

/**
 * The tests of kernels of our own in a package: the files under `src` that name
 * one. They run once for each instruction set (index.js), whatever they are called.
 *
 * @param {string} folder of the package
 * @returns {{ file: string, kernels: string[] }[]} file relative to the package, with the kernels that it names
 */
export function kernelTests(folder) {
  return readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("src", name))
    .sort()
    .map((file) => {
      const names = readFileSync(join(folder, file), "utf8").match(named) ?? [];
      return { file, kernels: [...new Set(names.map((name) => name.slice(1, -1)))] };
    })
    .filter(({ kernels }) => kernels.length > 0);
}

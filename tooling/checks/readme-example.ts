import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** The example a document opens with. */
export interface ReadmeExample {
  /** TypeScript, an ES module. */
  readonly source: string;
  /** The same as JavaScript. */
  readonly javascript: string;
  /** The lines it must print, from its `// → …` comments in order. */
  readonly output: readonly string[];
}

/** The first `ts` block of the README in `folder`; undefined where it has none. */
export function readmeExample(folder: string): ReadmeExample | undefined {
  return firstExample(join(folder, "README.md"));
}

/** The first `ts` block of a Markdown file; undefined where it has none. */
export function firstExample(file: string): ReadmeExample | undefined {
  const source = /^```ts\n(.*?)^```$/ms.exec(readFileSync(file, "utf8"))?.[1];
  if (source === undefined) return undefined;
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ES2022, target: ts.ScriptTarget.ES2022 },
  });
  const output = [...source.matchAll(/\/\/ → (.*)$/gm)].map(([, line]) => (line ?? "").trimEnd());
  return { source, javascript: outputText, output };
}

/** The printed lines, as the comments of an example write them. */
export function printedLines(stdout: string): string[] {
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "");
}

import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, it } from "vitest";
import { type CliResult, cli, smallRun, smallText, temporaryFolder, textFile } from "./harness.js";

const text = smallText.match(/.*\n/g)?.slice(0, 25).join("") ?? "";

describe("a file given to a trained model", () => {
  let folder = "";
  let run = "";
  let jsonl = "";
  beforeAll(async () => {
    folder = await temporaryFolder();
    run = join(folder, "run");
    const trained = await cli(["train", "--out", run, ...smallRun(await textFile(folder))]);
    expect(trained.code, trained.stderr).toBe(0);
    const lines = text.match(/.*\n/g)?.map((line) => JSON.stringify({ text: line })) ?? [];
    jsonl = await textFile(folder, lines.join("\n"), "lines.jsonl");
  });
  const generate = (path: string): Promise<CliResult> =>
    cli(["generate", run, "--read", path, "--max-tokens", "15", "--temperature", "0", "--backend", "cpu"]);
  const evaluate = (...args: string[]): Promise<CliResult> =>
    cli(["evaluate", run, "--json", "--backend", "cpu", ...args]);

  it.skipIf(process.platform === "win32")("is read to its end where it is a pipe", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const through = async (content: string): Promise<CliResult> => {
      const read = generate(pipe);
      await writeFile(pipe, content);
      return read;
    };
    const wanted = await generate(await textFile(folder, text, "document.txt"));
    expect(wanted.stdout).toHaveLength(16);
    expect(await through(text)).toMatchObject({ code: 0, stdout: wanted.stdout });
    expect((await through("")).stderr).toContain(`--read: ${pipe} holds no text\n`);
    expect((await generate("/dev/null")).stderr).toContain(
      "--read: /dev/null must be a text file or a pipe, got a device\n",
    );
  });

  it("is read by its documents' texts where it is JSONL", async () => {
    const wanted = await generate(await textFile(folder, text, "document.txt"));
    expect(await generate(jsonl)).toMatchObject({ code: 0, stdout: wanted.stdout });
  });

  it("is evaluated on in every layout that data.text takes, documents apart", async () => {
    const documents = text.match(/.*\n/g) as string[];
    await mkdir(join(folder, "documents"), { recursive: true });
    for (const [i, document] of documents.entries())
      await textFile(folder, document, `documents/${String(i).padStart(3, "0")}.txt`);
    const results = [];
    for (const path of [jsonl, join(folder, "documents")]) {
      const { code, stdout, stderr } = await evaluate("--data", path);
      expect(code, stderr).toBe(0);
      const { seconds: _, tokensPerSecond: __, data, ...result } = JSON.parse(stdout);
      expect([data, result.split, result.tokens]).toEqual([path, null, text.length - documents.length]);
      results.push(result);
    }
    expect(results[1]).toEqual(results[0]);
  });

  it("is evaluated on by the split that is asked for, where it has splits", async () => {
    for (const [split, count] of [
      ["train", 300],
      ["valid", 200],
      ["test", 100],
    ] as const) {
      await mkdir(join(folder, "wikitext"), { recursive: true });
      await textFile(folder, smallText.slice(0, count), `wikitext/wiki.${split}.tokens`);
    }
    const data = join(folder, "wikitext");
    for (const [args, split, tokens] of [
      [[], "valid", 199],
      [["--split", "test"], "test", 99],
    ] as const) {
      const { code, stdout, stderr } = await evaluate("--data", data, ...args);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ data: `${data}, ${split} split`, split, tokens });
    }
    const { code, stderr } = await evaluate("--data", jsonl, "--split", "test");
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`--split test: ${jsonl} has no splits and is read whole; leave out --split`),
    ]);
  });
});

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFileLimit, readConfigFile } from "./config-file.js";

describe("readConfigFile", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "infinite-former-config-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const read = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return readConfigFile(path);
  };

  it("reads JSON and YAML alike", async () => {
    const json = await read("a.json", '{"training":{"steps":5},"model":{"basisWidths":[0.1]}}');
    const yaml = await read("a.yaml", "training:\n  steps: 5\nmodel:\n  basisWidths: [0.1]\n");
    expect(json.faults).toEqual([]);
    expect(yaml.settings.map(({ path, value }) => [path, value])).toEqual(
      json.settings.map(({ path, value }) => [path, value]),
    );
  });

  it("leaves what the parser would warn of to the faults: nothing is printed", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on("warning", note);
    await read("w.yaml", "model: &odd: !odd\n  heads: 2\n");
    await new Promise(setImmediate);
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  it("finds a relative data.text beside the file", async () => {
    const { settings } = await read("b.json", '{"data":{"text":"book.txt"}}');
    expect(settings[0]?.value).toBe(join(folder, "book.txt"));
  });

  it("names the line where the syntax breaks", async () => {
    const { faults } = await read("c.json", '{\n  "training": {\n    "steps": 5,,\n  }\n}');
    expect(faults).toHaveLength(1);
    expect(faults[0]?.path).toBe(join(folder, "c.json"));
    expect(faults[0]?.message).toMatch(/^cannot be parsed: .*line 3/);
    expect((await read("c.yaml", "a: [1\nb: 2")).faults[0]?.message).toMatch(/^cannot be parsed: /);
  });

  it.each([
    ["a list", "[]", "must hold an object"],
    ["nothing", "", "cannot be parsed"],
    ["null", "null", "must hold an object"],
    ["what is not UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "must be UTF-8 text"],
  ])("refuses %s", async (_, content, message) => {
    expect((await read("d.json", content)).faults[0]?.message).toContain(message);
  });

  it("refuses a file that is missing, too large, or a folder, without reading it", async () => {
    expect((await readConfigFile(join(folder, "none.json"))).faults[0]?.message).toBe(
      "no such file or directory",
    );
    expect((await readConfigFile(folder)).faults[0]?.message).toBe("it is a directory");
    const large = await read("large.json", " ".repeat(configFileLimit + 1));
    expect(large.faults[0]?.message).toContain(`at most ${configFileLimit} bytes`);
  });

  it("refuses a bomb of YAML aliases at once", async () => {
    const levels = Array.from({ length: 9 }, (_, i) => {
      return `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]`;
    });
    const began = performance.now();
    const { faults } = await read("bomb.yaml", ["a0: &a0 [x,x,x,x,x,x,x,x,x]", ...levels].join("\n"));
    expect(faults[0]?.message).toContain("alias");
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it("bears nesting of any depth", async () => {
    const deep = `${'{"model":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    expect((await read("deep.json", deep)).faults.length).toBeGreaterThan(0);
    expect((await read("deep.yaml", "[".repeat(20_000))).faults.length).toBeGreaterThan(0);
  });
});

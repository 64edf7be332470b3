import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseShardIndex } from "../src/index.js";
import { containedFile } from "../src/node.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-index-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const refusal = (message: RegExp) =>
  expect.objectContaining({ code: "ERR_SAFETENSORS", message: expect.stringMatching(message) });

describe("parseShardIndex", () => {
  it("reads the map in its order and passes over the rest", () => {
    const text = `{"metadata":{"total_size":1.5e3,"x":[null,true,-0.5,{"y":[]}]},"weight_map":{"1":"b.safetensors","0":"a.safetensors"}, "n" : [ ] }\n`;
    expect([...parseShardIndex(bytesOf(text))]).toEqual([
      ["1", "b.safetensors"],
      ["0", "a.safetensors"],
    ]);
    expect(parseShardIndex(bytesOf('{"weight_map":{}}')).size).toBe(0);
  });

  it.each([
    ["nothing", "", /index must have "\{" at byte 0, got the end of the index/],
    ["no map", "{}", /index must have a weight_map, got none/],
    ["a list", "[]", /index must have "\{"/],
    ["a map that is a list", '{"weight_map":[]}', /must have "\{"/],
    ["a map that is null", '{"weight_map":null}', /must have "\{"/],
    ["a file that is a number", '{"weight_map":{"a":1}}', /must have a string/],
    ["a file that is an object", '{"weight_map":{"a":{"file":"a.safetensors"}}}', /must have a string/],
    ["two maps", '{"weight_map":{},"weight_map":{}}', /everything once, got weight_map twice/],
    [
      "a tensor twice",
      '{"weight_map":{"a":"1.safetensors","\\u0061":"2.safetensors"}}',
      /everything once, got "a" twice/,
    ],
    ["the metadata as a tensor", '{"weight_map":{"__metadata__":"1.safetensors"}}', /kept for metadata/],
    ["an empty name", '{"weight_map":{"a":""}}', /plain names/],
    ["dots", '{"weight_map":{"a":".."}}', /plain names/],
    ["something behind it", '{"weight_map":{}}x', /nothing but white space/],
    ["invalid UTF-8", '{"weight_map":{"a":"\xff.safetensors"}}', /must be UTF-8/],
    ["half a surrogate pair", '{"weight_map":{"\\ud800":"a.safetensors"}}', /half a surrogate pair/],
    ["a bad number", '{"metadata":01,"weight_map":{}}', /must have a value/],
    ["a bad word", '{"metadata":nul,"weight_map":{}}', /must have a value/],
    ["depth", `{"metadata":${"[".repeat(100_000)}`, /must have fewer levels/],
  ])("refuses %s", (_, text, message) => {
    expect(() => parseShardIndex(Buffer.from(text, "latin1"))).toThrow(refusal(message));
  });

  it("keeps names that would change a prototype as plain names", () => {
    const files = parseShardIndex(
      bytesOf('{"weight_map":{"__proto__":"a.safetensors","constructor":"a.safetensors"}}'),
    );
    expect([...files.keys()]).toEqual(["__proto__", "constructor"]);
    expect(({} as Record<string, unknown>)["a"]).toBe(undefined);
  });

  it("holds to its limits, and to raised ones", () => {
    const text = bytesOf('{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}');
    expect(() => parseShardIndex(text, { indexTensors: 1 })).toThrow(refusal(/name at most 1 tensors/));
    expect(() => parseShardIndex(text, { shards: 1 })).toThrow(refusal(/name at most 1 files/));
    expect(() => parseShardIndex(text, { indexBytes: 20 })).toThrow(refusal(/at most 20 bytes/));
    const many = Array.from({ length: 5000 }, (_, i) => `"${i}":"${i}.safetensors"`);
    expect(parseShardIndex(bytesOf(`{"weight_map":{${many}}}`), { shards: 5000 }).size).toBe(5000);
  });
});

describe("containedFile", () => {
  it("finds a file, says where there is none, and takes no other name", async () => {
    await writeFile(join(folder, "a"), "");
    expect(await containedFile(folder, "a")).toMatch(/\/a$/);
    expect(await containedFile(folder, "b")).toBe(null);
    expect(await containedFile(join(folder, "none"), "b")).toBe(null);
    for (const name of [
      "",
      ".",
      "..",
      "../a",
      "x/a",
      "a:b",
      "a\0",
      "a\n",
      "a ",
      "a.",
      "\\\\server\\a",
      "n".repeat(256),
    ]) {
      await expect(containedFile(folder, name), JSON.stringify(name)).rejects.toEqual(
        refusal(/must be plain/),
      );
    }
  });
});

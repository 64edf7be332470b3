import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, SafetensorsError } from "../src/index.js";

type Header = string | Uint8Array;

/** A file of a header as it stands and some bytes of data. */
function fileOf(header: Header, dataBytes = 0, announced?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (dtype: string, shape: string, begin: number | string, end: number | string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(SafetensorsError);
    expect((error as SafetensorsError).code).toBe("ERR_SAFETENSORS");
    return (error as Error).message;
  }
  throw new Error("the file was accepted");
}

describe("decodeSafetensors", () => {
  it("accepts an empty file and white space that the format allows", () => {
    expect(decodeSafetensors(fileOf("{}")).tensors.size).toBe(0);
    expect(decodeSafetensors(fileOf(" {}  \n".trimStart())).tensors.size).toBe(0);
    const spaced = '{ "a" : {"shape":[ ] ,\t"dtype": "U8" , "data_offsets" : [0 , 1 ]}\r\n}   ';
    expect(decodeSafetensors(fileOf(spaced, 1)).tensors.get("a")?.shape).toEqual([]);
  });

  it("accepts empty tensors wherever no other is cut", () => {
    const header = `{"z":${entry("F32", "[0]", 0, 0)},"a":${entry("U8", "[4]", 0, 4)},"y":${entry("F64", "[3,0]", 4, 4)}}`;
    expect([...decodeSafetensors(fileOf(header, 4)).tensors.keys()]).toEqual(["z", "a", "y"]);
  });

  it("accepts data in another order than the header's", () => {
    const header = `{"b":${entry("U8", "[2]", 1, 3)},"a":${entry("U8", "[1]", 0, 1)}}`;
    const bytes = fileOf(header, 3);
    bytes.set([7, 8, 9], bytes.length - 3);
    expect(decodeSafetensors(bytes).tensors.get("b")?.data).toEqual(Uint8Array.of(8, 9));
  });

  it.each([
    ["nothing", new Uint8Array(0), /at least 8 bytes, got 0/],
    ["seven bytes", new Uint8Array(7), /at least 8 bytes, got 7/],
    ["a header size of 0", fileOf("", 0), /must start with "\{"/],
    ["a header size of 2^63", fileOf("{}", 0, 2n ** 63n), /at most 16777216 bytes, got 9223372036854775808/],
    ["a header size of 2^64 - 1", fileOf("{}", 0, 2n ** 64n - 1n), /at most 16777216 bytes/],
    ["a header longer than the file", fileOf("{}", 0, 3n), /must end inside the file of 10 bytes/],
    ["a header just above the limit", fileOf("{}", 0, 16_777_217n), /at most 16777216 bytes/],
    ["another start than {", fileOf(" {}"), /must start with "\{"/],
    ["a byte order mark", fileOf("\ufeff{}"), /must start with "\{"/],
    ["a list", fileOf("[]"), /must start with "\{"/],
    ["an open object", fileOf("{"), /a string at byte 1, got the end of the header/],
    ["something behind the object", fileOf("{}{}"), /nothing but white space at byte 2, got "\{"/],
    ["a NUL behind the object", fileOf("{}\0"), /nothing but white space at byte 2, got byte 0x00/],
    ["a trailing comma", fileOf(`{"a":${entry("U8", "[1]", 0, 1)},}`, 1), /must have a string/],
    ["invalid UTF-8", fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), /must be UTF-8/],
    ["an overlong encoding", fileOf(Uint8Array.of(0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x7d)), /must be UTF-8/],
    [
      "invalid UTF-8 between the members",
      fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)),
      /a string at byte 1, got byte 0xff/,
    ],
    ["a bad escape", fileOf('{"\\x":1}'), /valid escapes/],
    ["half a surrogate pair", fileOf('{"\\ud800":1}'), /half a surrogate pair/],
    ["a control character in a name", fileOf('{"a\nb":1}'), /the rest of a string/],
    ["an open string", fileOf('{"abc'), /the rest of a string/],
    ["an open escape", fileOf('{"abc\\'), /the rest of a string/],
    ["a number for a tensor", fileOf('{"a":1}'), /must have "\{" at byte 5, got "1"/],
    ["null for a tensor", fileOf('{"a":null}'), /must have "\{"/],
    ["depth", fileOf(`{"a":${"[".repeat(100_000)}`), /must have "\{"/],
    ["depth in an object", fileOf(`{"a":${'{"a":'.repeat(100_000)}`), /each once, got "a"/],
  ])("refuses %s", (_, bytes, message) => {
    expect(refusal(bytes)).toMatch(message);
  });

  const tensorFaults: [string, string, RegExp][] = [
    ["no fields", "{}", /must have dtype, shape and two data_offsets/],
    ["no dtype", '{"shape":[1],"data_offsets":[0,1]}', /must have dtype, shape and two data_offsets/],
    ["an unknown field", '{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}', /each once, got "x"/],
    [
      "a field twice",
      '{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}',
      /each once, got "dtype"/,
    ],
    ["an unknown dtype", entry("F8_E4M3", "[1]", 0, 1), /one of the dtypes .* got "F8_E4M3"/],
    ["a dtype of the prototype", entry("constructor", "[1]", 0, 1), /one of the dtypes/],
    ["a lower-case dtype", entry("u8", "[1]", 0, 1), /one of the dtypes/],
    ["a shape that is too large", entry("U8", "[2]", 0, 1), /must have the 2 bytes of U8 \[2\], got 1/],
    ["a shape that is too small", entry("U8", "[0]", 0, 1), /must have the 0 bytes of U8 \[0\], got 1/],
    ["a product that overflows", entry("U8", "[4294967296,4294967296]", 0, 1), /2\^53 bytes or more/],
    [
      "a product that overflows before a zero",
      entry("U8", "[9007199254740991,9007199254740991,0]", 0, 0),
      /2\^53/,
    ],
    ["a size of 2^53 + 1", entry("U8", "[9007199254740993]", 0, 1), /a number below 2\^53/],
    ["a size of 2^64 + 1", entry("U8", "[18446744073709551617]", 0, 1), /a number below 2\^53/],
    ["a negative size", entry("U8", "[-1]", 0, 1), /a whole number/],
    ["a fractional size", entry("U8", "[1.0]", 0, 1), /must have "\]"/],
    ["an exponent", entry("U8", "[1]", 0, "1e999"), /must have "\]"/],
    ["NaN", entry("U8", "[1]", "NaN", 1), /a whole number/],
    ["a leading zero", entry("U8", "[01]", 0, 1), /a whole number/],
    ["a text for a size", entry("U8", '["1"]', 0, 1), /a whole number/],
    [
      "reversed offsets",
      entry("U8", "[1]", 1, 0),
      /must lie in the 1 bytes of data, got data_offsets \[1,0\]/,
    ],
    ["offsets beyond the end", entry("U8", "[2]", 0, 2), /must lie in the 1 bytes of data/],
    [
      "three offsets",
      '{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}',
      /at most 2 numbers in data_offsets/,
    ],
    ["one offset", '{"dtype":"U8","shape":[1],"data_offsets":[0]}', /two data_offsets/],
    ["65 axes", entry("U8", `[${new Array(65).fill(1)}]`, 0, 1), /at most 64 numbers in shape/],
  ];
  for (const [fault, info, message] of tensorFaults) {
    trial({ number: 19, fault: `a tensor with ${fault}` }, () => {
      expect(refusal(fileOf(`{"a":${info}}`, 1))).toMatch(message);
    });
  }

  const layoutFaults: [string, string, RegExp][] = [
    ["an overlap", `{"a":${entry("U8", "[2]", 0, 2)},"b":${entry("U8", "[2]", 1, 3)}}`, /"b" .* an overlap/],
    [
      "the same bytes twice",
      `{"a":${entry("U8", "[3]", 0, 3)},"b":${entry("U8", "[3]", 0, 3)}}`,
      /an overlap/,
    ],
    [
      "an empty tensor inside another",
      `{"a":${entry("U8", "[3]", 0, 3)},"b":${entry("U8", "[0]", 1, 1)}}`,
      /an overlap/,
    ],
    [
      "a hole",
      `{"a":${entry("U8", "[1]", 0, 1)},"b":${entry("U8", "[1]", 2, 3)}}`,
      /"b" must begin at byte 1 .* a hole/,
    ],
    ["a hole at the start", `{"a":${entry("U8", "[2]", 1, 3)}}`, /must begin at byte 0 .* a hole/],
    ["bytes behind the last tensor", `{"a":${entry("U8", "[2]", 0, 2)}}`, /got 1 bytes more/],
    ["data of no tensor", "{}", /got 3 bytes more/],
  ];
  for (const [fault, header, message] of layoutFaults) {
    trial({ number: 19, fault: `tensors with ${fault}` }, () => {
      expect(refusal(fileOf(header, 3))).toMatch(message);
    });
  }

  const names: [string, string][] = [
    ["a tensor twice", `{"a":${entry("U8", "[0]", 0, 0)},"a":${entry("U8", "[0]", 0, 0)}}`],
    [
      "a tensor twice, once escaped",
      `{"a":${entry("U8", "[0]", 0, 0)},"\\u0061":${entry("U8", "[0]", 0, 0)}}`,
    ],
    ["__proto__ twice", `{"__proto__":${entry("U8", "[0]", 0, 0)},"__proto__":${entry("U8", "[0]", 0, 0)}}`],
    ["the metadata twice", '{"__metadata__":{},"__metadata__":{}}'],
    ["a key of the metadata twice", '{"__metadata__":{"a":"1","a":"2"}}'],
  ];
  for (const [fault, header] of names) {
    trial({ number: 20, fault: `the name of ${fault}` }, () => {
      expect(refusal(fileOf(header))).toMatch(/must name everything once, got .* twice/);
    });
  }

  it.each([
    '{"__metadata__":1}',
    '{"__metadata__":{"a":1}}',
    '{"__metadata__":{"a":{}}}',
    '{"__metadata__":["a"]}',
  ])("refuses metadata that is not text to text: %s", (header) => {
    expect(refusal(fileOf(header))).toMatch(/must have/);
  });

  trial({ number: 20, fault: "__proto__ and constructor as names, in tensors and metadata" }, () => {
    const info = entry("U8", "[0]", 0, 0);
    const header = `{"__proto__":${info},"constructor":${info},"__metadata__":{"__proto__":"p","toString":"t"}}`;
    const file = decodeSafetensors(fileOf(header));
    expect([...file.tensors.keys()]).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(file.metadata)).toBe(null);
    expect(Object.entries(file.metadata)[0]).toEqual(["__proto__", "p"]);
    expect(({} as Record<string, unknown>)["p"]).toBe(undefined);
  });

  it("refuses 100,000 tensors by its limit, quickly, and takes them where the limit is raised", () => {
    const many = Array.from({ length: 100_000 }, (_, i) => `"t${i}":${entry("U8", "[0]", 0, 0)}`);
    const bytes = fileOf(`{${many}}`);
    const start = process.cpuUsage();
    expect(refusal(bytes)).toMatch(/at most 32768 tensors/);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000); // milliseconds of this process alone
    expect(decodeSafetensors(bytes, { tensors: 100_000 }).tensors.size).toBe(100_000);
  });

  it("holds to a lower limit of header bytes and axes", () => {
    const bytes = fileOf(`{"a":${entry("U8", "[1,1,1]", 0, 1)}}`, 1);
    expect(() => decodeSafetensors(bytes, { headerBytes: 10 })).toThrow(/at most 10 bytes/);
    expect(() => decodeSafetensors(bytes, { axes: 2 })).toThrow(/at most 2 numbers in shape/);
    expect(decodeSafetensors(bytes, { axes: 3 }).tensors.size).toBe(1);
  });

  trial({ number: 20, fault: "a name of 1 MB" }, () => {
    const name = "n".repeat(1_000_000);
    expect(refusal(fileOf(`{"${name}":{}}`)).length).toBeLessThan(300);
    const file = decodeSafetensors(fileOf(`{"${name}":${entry("U8", "[1]", 0, 1)}}`, 1));
    expect([...file.tensors.keys()]).toEqual([name]);
  });

  trial({ number: 20, fault: "paths, NUL and line breaks as names" }, () => {
    const names = ["../../x", "/etc/passwd", "C:\\x", "a\0b", "a\nb", "\u2028", ""];
    const all = names.map((name) => `${JSON.stringify(name)}:${entry("U8", "[0]", 0, 0)}`);
    expect([...decodeSafetensors(fileOf(`{${all}}`)).tensors.keys()]).toEqual(names);
    const message = refusal(fileOf(`{${JSON.stringify("a\nb\u001b[31m\u009b\u202e")}:{}}`));
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

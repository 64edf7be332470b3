import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe } from "vitest";
import { type Bomb, entries, expectRefusals, ways } from "./bombs.js";

const deep = 100_000;

const faults: Readonly<Record<string, readonly Omit<Bomb, "fault">[]>> = {
  "a size field of 2^63 and of 2^64 - 1": [
    { header: "{}", announced: 2n ** 63n },
    { header: "{}", announced: 2n ** 64n - 1n },
  ],
  "a size field beyond the file's end, and of 0": [
    { header: "{}", announced: 9_000_000n },
    { header: "{}", announced: 0n },
  ],
  "a header of 1 GB in a file as large": [{ header: "{", announced: 10n ** 9n, size: 10 ** 9 + 8 }],
  "100 thousand entries": [{ header: entries(100_000) }],
  "a JSON text 100 thousand levels deep": [
    { header: `{"a":${"[".repeat(deep)}` },
    { header: `{"a":${'{"a":'.repeat(deep)}` },
    { header: `{"a":{"shape":${"[".repeat(deep)}` },
    { header: `{"__metadata__":{"a":${"[".repeat(deep)}` },
  ],
  "another start than {": [{ header: ' {"a":1}' }, { header: "[]" }, { header: "\ufeff{}" }],
  "invalid UTF-8": [{ header: Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d) }],
  "garbage behind the header, and behind the data": [
    { header: `${entries(1)}}` },
    { header: entries(1), size: 5_000_000_000 },
  ],
};

describe("a file that asks for much", () => {
  for (const [fault, files] of Object.entries(faults)) {
    trial({ number: 18, fault }, () =>
      expectRefusals(
        files.map((one) => ({ fault, ...one })),
        ways,
      ),
    );
  }
});

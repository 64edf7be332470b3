import { trial } from "@infinite-former/tooling-vitest/trial";
import { type Bomb, entries, expectRefusals, ways } from "./bombs.js";

// Each in a process of its own for each way to read it: what one leaves behind is not another's.
const files: readonly Bomb[] = [
  { fault: "10 million entries", header: entries(100_000), announced: 640_000_000n, size: 640_000_008 },
  { fault: "as many entries as 16 MiB hold", header: entries(280_000) },
  {
    fault: "invalid UTF-8 after a name of 16 MB",
    header: Buffer.from(`{"${"n".repeat(16_000_000)}\xff":{}}`, "latin1"),
  },
  { fault: "a shape of 8 million sizes", header: `{"a":{"dtype":"U8","shape":[${"1,".repeat(8_000_000)}1]` },
  {
    fault: "16 MB of metadata without an end",
    header: `{"__metadata__":{"a":"${"\u4e2d".repeat(5_000_000)}"}`,
  },
  {
    fault: "16 MB of escapes without an end",
    header: `{"__metadata__":{"a":"${"\\u4e2d".repeat(2_700_000)}"}`,
  },
];

for (const file of files) {
  trial({ number: 18, fault: file.fault }, async () => {
    for (const way of ways) await expectRefusals([file], [way]);
  });
}

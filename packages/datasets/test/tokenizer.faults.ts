import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { costGuard } from "@infinite-former/tooling-vitest/cost";
import { mutate, mutationsOf } from "@infinite-former/tooling-vitest/mutations";
import { trial } from "@infinite-former/tooling-vitest/trial";
import fc from "fast-check";
import { afterAll, beforeAll, expect } from "vitest";
import { DatasetError } from "../src/index.js";
import { readTokenizer } from "../src/node.js";
import { tinyFolder } from "./tiny-tokenizer.js";

const timeout = 3_600_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokenizer-faults-"));
});
afterAll(() => rm(folder, { recursive: true }));

const good = (name: string): Promise<Uint8Array> => readFile(fileURLToPath(new URL(name, tinyFolder)));

for (const name of ["tokenizer.json", "vocab.json", "merges.txt"]) {
  const one = {
    number: 26,
    fault: `tokenizers with ${name} mutated`,
    times: 50_000,
    everyTime: 3000,
    timeout,
  };
  trial(one, async (times) => {
    const own = await mkdtemp(join(folder, "one-"));
    if (name !== "tokenizer.json") {
      for (const file of ["vocab.json", "merges.txt"]) await writeFile(join(own, file), await good(file));
    }
    const whole = await good(name);
    const guard = costGuard({ warmUp: 500 });
    let refused = 0;
    const law = fc.asyncProperty(mutationsOf(fc), async (mutations) => {
      await writeFile(join(own, name), mutations.reduce(mutate, whole));
      await guard.wait(async () => {
        try {
          const { tokens, ranks } = await readTokenizer(own);
          expect(tokens.length).toBeGreaterThan(0);
          expect(ranks.size).toBeGreaterThanOrEqual(0);
        } catch (error) {
          if (!(error instanceof DatasetError)) throw error;
          refused += 1;
        }
      });
    });
    await fc.assert(law, { seed: 91, numRuns: times });
    expect(refused).toBeGreaterThan(times / 20);
    expect(refused).toBeLessThan(times);
    guard.check();
  });
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigFaultsError } from "@infinite-former/command-line";
import { costGuard } from "@infinite-former/tooling-vitest/cost";
import { mutate, mutationsOf } from "@infinite-former/tooling-vitest/mutations";
import { trial } from "@infinite-former/tooling-vitest/trial";
import fc from "fast-check";
import { afterAll, beforeAll, expect } from "vitest";
import { stringify } from "yaml";
import { readConfigFile } from "../src/config/config-file.js";
import { baseConfig } from "../src/config/presets.js";
import { resolveConfig } from "../src/config/resolve.js";

const timeout = 3_600_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-faults-"));
});
afterAll(() => rm(folder, { recursive: true }));

const { model, training } = baseConfig;
const anchored = `# settings\nmodel: &model\n  heads: 2\n  basisWidths: [0.1, 0.2]\ntraining: {steps: 5, learningRate: 1e-3}\n`;
const files: readonly (readonly [string, string, number, number])[] = [
  ["a.json", JSON.stringify({ model, training }), 100_000, 10_000],
  ["a.yaml", stringify({ model, training }), 20_000, 1000],
  ["b.yaml", anchored, 50_000, 3000],
];

for (const [name, text, times, everyTime] of files) {
  trial({ number: 26, fault: `configuration ${name} mutated`, times, everyTime, timeout }, async (count) => {
    const path = join(folder, name);
    const good = new TextEncoder().encode(text);
    const guard = costGuard({ warmUp: 500 });
    let refused = 0;
    const law = fc.asyncProperty(mutationsOf(fc), async (mutations) => {
      await writeFile(path, mutations.reduce(mutate, good));
      await guard.wait(async () => {
        const read = await readConfigFile(path);
        try {
          expect(resolveConfig(baseConfig, [read])).toHaveProperty("model.layers");
        } catch (error) {
          if (!(error instanceof ConfigFaultsError)) throw error;
          for (const fault of error.faults) expect(fault.message.length).toBeLessThan(2000);
          refused += 1;
        }
      });
    });
    await fc.assert(law, { seed: 92, numRuns: count });
    expect(refused).toBeGreaterThan(count / 10);
    expect(refused).toBeLessThan(count);
    guard.check();
  });
}

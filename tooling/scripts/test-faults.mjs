import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { workspaceFolders } from "./install.mjs";
import { pnpm, root } from "./pnpm.mjs";
import { prepareOrExit } from "./prepare.mjs";
import { missingResults, skipReasons, summaryLine, total } from "./test-results.mjs";

// Runs the faults that take minutes (`test/*.faults.ts` of every package), and
// closes with one line as `npm test` does. `--all` tries each as often as
// docs/reliability.md says; without it a run takes some ten minutes.
const all = process.argv.includes("--all");
const unknown = process.argv.slice(2).filter((argument) => argument !== "--all");
if (unknown.length > 0) {
  console.error(`test:faults: ${unknown.join(" ")} is not an option; there is --all alone`);
  process.exit(2);
}
const { native, reason } = await prepareOrExit();
const results = [];
for (const folder of workspaceFolders().filter(hasFaults)) {
  const file = join(root, folder, "test-results/faults.json");
  rmSync(file, { force: true });
  await pnpm(["--dir", folder, "exec", "vitest", "run"], {
    env: {
      INFINITE_FORMER_TEST_FAULTS: all ? "all" : "some",
      INFINITE_FORMER_TEST_BACKENDS:
        process.env.INFINITE_FORMER_TEST_BACKENDS ?? (native ? "cpu,wasm,tensorflow" : "cpu,wasm"),
      ...(native ? {} : { INFINITE_FORMER_NATIVE: "0" }),
    },
  });
  const one = read(file) ?? missingResults(folder);
  console.log(`${folder}: ${summaryLine(one)} (${one.seconds.toFixed(1)} s)`);
  results.push(one);
}
const sum = total(results);
for (const { name, message } of sum.failures) console.log(`FAILED ${name}: ${message}`);
for (const line of skipReasons(sum.skips)) console.log(`skipped ${line}`);
if (!native) console.log(`not tested: the backend tensorflow (${reason})`);
console.log(summaryLine(sum));
process.exitCode = sum.failed > 0 ? 1 : 0;

function hasFaults(folder) {
  try {
    return readdirSync(join(root, folder, "test")).some((name) => name.endsWith(".faults.ts"));
  } catch {
    return false; // no folder of tests
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // not there: its tests did not start
  }
}

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { workspaceFolders } from "./install.mjs";
import { root, turbo } from "./pnpm.mjs";
import { prepareOrExit } from "./prepare.mjs";
import { missingResults, skipReasons, summaryLine, total } from "./test-results.mjs";

// Sets everything up, runs every package's tests on every backend this machine
// has, and closes with one line: `N passed, M failed[, K skipped]`.
const { native, reason } = await prepareOrExit();
const tested = workspaceFolders().filter((folder) => {
  const { scripts } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  return scripts?.test !== undefined;
});
const resultsOf = (folder) => join(root, folder, "test-results/results.json");

// Results of an earlier run must not be taken for this one's: what is read
// below was written by this run, or restored by turbo for the same inputs.
for (const folder of tested) rmSync(resultsOf(folder), { force: true });

const backends = native ? "cpu,wasm,tensorflow" : "cpu,wasm";
const pending = new Set(tested);
const watch = setInterval(showFinished, 1000);
const code = await turbo(["test", "--continue", "--concurrency=2"], {
  INFINITE_FORMER_TEST_BACKENDS: process.env.INFINITE_FORMER_TEST_BACKENDS ?? backends,
  INFINITE_FORMER_TEST_NODE: process.version,
  ...(native ? {} : { INFINITE_FORMER_NATIVE: "0" }),
});
clearInterval(watch);
showFinished();

const all = tested.map((folder) => read(folder) ?? missingResults(folder));
const sum = total(all);
if (code !== 0 && sum.failed === 0) {
  sum.failed = 1;
  sum.failures.push({ name: "turbo", message: `ended with ${code} though no test failed; see above` });
}
for (const folder of pending) console.log(`${folder}: no results`);
for (const { name, message } of sum.failures) console.log(`FAILED ${name}: ${message}`);
for (const line of skipReasons(sum.skips)) console.log(`skipped ${line}`);
if (sum.projects.length > 0) console.log(`tested with: ${sum.projects.join(", ")}`);
if (!native) console.log(`not tested: the backend tensorflow (${reason})`);
console.log(summaryLine(sum));
process.exitCode = sum.failed > 0 ? 1 : 0;

function read(folder) {
  try {
    return JSON.parse(readFileSync(resultsOf(folder), "utf8"));
  } catch {
    return undefined; // not there, or not whole yet
  }
}

/** Prints one line for each package that has finished since the last call. */
function showFinished() {
  for (const folder of pending) {
    const results = existsSync(resultsOf(folder)) ? read(folder) : undefined;
    if (results === undefined) continue;
    pending.delete(folder);
    console.log(`${folder}: ${summaryLine(results)} (${results.seconds.toFixed(1)} s)`);
  }
}

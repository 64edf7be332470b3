import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

/**
 * Writes `test-results/results.json` in the package under test: what `npm test`
 * adds up over all packages. Unlike vitest's own JSON it carries the reason a
 * test was skipped and errors that belong to no test (a file that failed to
 * load, an unhandled rejection), each counted as one failure.
 */
export class ResultsReporter {
  onInit(vitest) {
    this.root = vitest.config.root;
    this.started = Date.now();
    this.vitest = vitest;
  }

  onTestRunEnd(modules, unhandledErrors) {
    const results = {
      passed: 0,
      failed: 0,
      skipped: 0,
      seconds: 0,
      date: new Date(this.started).toISOString(),
      partial: isPartial(this.vitest),
      projects: [],
      failures: [],
      skips: [],
      trials: [],
    };
    const projects = new Set();
    const fail = (name, error) => {
      results.failed += 1;
      results.failures.push({ name, message: String(error?.message ?? error).split("\n")[0] });
    };
    for (const module of modules) {
      const where = `${module.project?.name ? `${module.project.name} ` : ""}${module.relativeModuleId}`;
      for (const error of module.errors()) fail(where, error);
      for (const suite of module.children.allSuites()) {
        for (const error of suite.errors()) fail(`${where} > ${suite.fullName}`, error);
      }
      for (const test of module.children.allTests()) {
        const name = `${where} > ${test.fullName}`;
        const result = test.result();
        const { trial } = test.meta();
        if (trial) {
          results.trials.push({
            ...trial,
            project: module.project?.name ?? "",
            result: result.state,
            note: result.note,
          });
        }
        if (result.state === "passed") {
          results.passed += 1;
          if (module.project?.name) projects.add(module.project.name);
        } else if (result.state === "skipped") {
          results.skipped += 1;
          results.skips.push({ name, reason: result.note ?? "no reason given" });
        } else fail(name, result.errors?.[0] ?? "did not finish");
      }
    }
    for (const error of unhandledErrors) fail("outside any test", error);
    results.projects = [...projects];
    results.seconds = (Date.now() - this.started) / 1000;
    const name = process.env["INFINITE_FORMER_TEST_FAULTS"] ? "faults" : "results";
    mkdirSync(resolve(this.root, "test-results"), { recursive: true });
    writeFileSync(resolve(this.root, `test-results/${name}.json`), `${JSON.stringify(results, null, 1)}\n`);
  }
}

/** Whether only some files, tests or projects were asked for. */
function isPartial({ filenamePattern = [], config }) {
  return filenamePattern.length > 0 || Boolean(config.testNamePattern) || (config.project ?? []).length > 0;
}

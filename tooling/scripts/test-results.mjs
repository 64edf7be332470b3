/**
 * One package's part in the run.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, seconds: number,
 *   projects: string[], failures: { name: string, message: string }[], skips: { name: string, reason: string }[] }} Results
 */

/** `N passed, M failed`, with `, K skipped` where there are any. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** What stands for a package whose tests left no results: one failure that says so. */
export function missingResults(folder) {
  const message = "its tests left no results (did they start at all?)";
  const failures = [{ name: folder, message }];
  return { passed: 0, failed: 1, skipped: 0, seconds: 0, projects: [], failures, skips: [] };
}

/**
 * Sums over packages.
 *
 * @param {readonly Results[]} all
 * @returns {Results}
 */
export function total(all) {
  const sum = { passed: 0, failed: 0, skipped: 0, seconds: 0, projects: [], failures: [], skips: [] };
  for (const one of all) {
    for (const key of ["passed", "failed", "skipped", "seconds"]) sum[key] += one[key];
    sum.projects = [...new Set([...sum.projects, ...one.projects])].sort();
    sum.failures.push(...one.failures);
    sum.skips.push(...one.skips);
  }
  return sum;
}

/**
 * Skipped tests by reason, most frequent first.
 *
 * @param {Results["skips"]} skips
 * @returns {string[]} lines such as `3 × no corpus: set INFINITE_FORMER_DATA`
 */
export function skipReasons(skips) {
  const counts = new Map();
  for (const { name, reason } of skips) {
    const key = reason === "no reason given" ? `${name}: ${reason}` : reason;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${count} × ${reason}`);
}

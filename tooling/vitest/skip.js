import { beforeEach } from "vitest";

/**
 * Skips every test of the enclosing block, with the reason that the summary of
 * `npm test` prints. (`skipIf` and `runIf` can't say one.) Hooks that run
 * before all tests still run, and must look for themselves.
 *
 * @param {string | false | undefined} reason nothing is skipped where there is none
 */
export function skipEach(reason) {
  if (reason) beforeEach(({ skip }) => skip(reason));
}

import { it } from "vitest";

/**
 * A test of one fault, which `docs/reliability.md` lists: an ordinary test
 * whose number, fault and repetitions the results carry.
 *
 * @param {{ number: number, fault: string, times?: number, everyTime?: number, on?: string, skip?: string | false, timeout?: number }} one
 * @param {(times: number) => unknown} test
 */
export function trial(
  { number, fault, times = 1, everyTime = times, on, skip = false, timeout = 120_000 },
  test,
) {
  const count = process.env["INFINITE_FORMER_TEST_FAULTS"] === "all" ? times : everyTime;
  it(`trial ${number}: ${fault}${count > 1 ? ` (${count} times)` : ""}`, { timeout }, async (context) => {
    context.task.meta.trial = { number, fault, times: count, on };
    if (skip) context.skip(skip);
    await test(count);
  });
}

import { startScript } from "@infinite-former/tooling-vitest/script";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { describe, expect } from "vitest";

interface Sample {
  readonly done: number;
  readonly rss: number;
  readonly tensors: number;
}

/**
 * Slope of the resident memory over the second half of the samples, in MB per
 * thousand: the median over all pairs, which what the collector gives back at one moment does not hide.
 */
function slope(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const slopes = half.flatMap((a, index) =>
    half.slice(index + 1).map((b) => (b.rss - a.rss) / (b.done - a.done)),
  );
  return (slopes.sort((a, b) => a - b)[Math.floor(slopes.length / 2)] as number) * 1e3 * 1e-6;
}

/**
 * What is done how often, what of it is a step, and the most megabytes that a thousand steps may add. The
 * first half of each is not counted: V8 goes on compiling what is hot for some 2,000 training steps or 8,000 tokens.
 */
const works = {
  train: { what: "training steps", times: 5000, everyTime: 4000, perStep: 1, limit: 1 },
  generate: { what: "tokens written", times: 20_000, everyTime: 20_000, perStep: 1, limit: 1 },
  stream: {
    what: "tokens read into one memory",
    times: 1_000_000,
    everyTime: 100_000,
    perStep: 32,
    limit: 1,
  },
  // A hundred of these are too few for a thousandth of a megabyte each: no more than 4 MB in all.
  cycle: { what: "checkpoints saved and loaded", times: 100, everyTime: 100, perStep: 1, limit: 40 },
} as const;
const backends = (process.env["INFINITE_FORMER_TEST_BACKENDS"] ?? "wasm").split(",");

describe.each(["tensorflow", "wasm"])("on %s, for long", (backend) => {
  const skip = !backends.includes(backend) && `the backend ${backend} is not tested here`;
  for (const [work, { what, times, everyTime, perStep, limit }] of Object.entries(works)) {
    const fault = `${what}: tensors and resident memory stay as they are`;
    trial({ number: 14, fault, times, everyTime, on: backend, skip, timeout: 1_800_000 }, async (count) => {
      const { ended } = startScript(new URL("./soak-process.ts", import.meta.url), [
        backend,
        work,
        `${count}`,
      ]);
      const { code, stdout, stderr } = await ended;
      expect(code, stderr).toBe(0);
      const { samples, left } = JSON.parse(stdout) as { samples: Sample[]; left: number };
      const half = samples.slice(samples.length / 2);
      const most = Math.max(...half.map(({ tensors }) => tensors));
      const found = slope(samples) * perStep;
      const rss = half.map((one) => one.rss);
      console.log(
        `${backend}, ${count} ${what}: ${most} tensors, ${left} left at the end, ` +
          `${(Math.min(...rss) / 1e6).toFixed(1)} to ${(Math.max(...rss) / 1e6).toFixed(1)} MB, ` +
          `${found.toFixed(3)} MB per thousand steps`,
      );
      expect(most).toBe(Math.max(...samples.slice(10, 50).map(({ tensors }) => tensors)));
      expect(left).toBe(0);
      expect(found).toBeLessThan(limit);
    });
  }
});

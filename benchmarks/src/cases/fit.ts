import { createMemoryPlan } from "@infinite-former/memory";
import { type BenchmarkResult, shared } from "../result.js";
import { seconds } from "../rounds.js";

const narrow = { basisWidths: [0.005, 0.01], contraction: 0.5, ridge: 0.5 };

/** The authors' sorting and language models, and four and eight times as many functions. */
const sizes = {
  sorting: { basisCount: 512, segmentLength: 1024, sampleCount: 512 },
  language: { basisCount: 512, segmentLength: 512, sampleCount: 512, ...narrow },
  N2048: { basisCount: 2048, segmentLength: 4096, sampleCount: 512 },
  "N2048-samples": { basisCount: 2048, segmentLength: 4096, sampleCount: 2048 },
  "N2048-narrow": { basisCount: 2048, segmentLength: 4096, sampleCount: 512, ...narrow },
  "N2048-narrow-samples": { basisCount: 2048, segmentLength: 4096, sampleCount: 2048, ...narrow },
  N4096: { basisCount: 4096, segmentLength: 4096, sampleCount: 512 },
};

/**
 * All that is fitted before the first update of a memory: one first fit, one
 * contracted fit, the past's share composed. Processor time, once: it is one
 * thread, and the process remembers a fit.
 */
export async function fit(): Promise<BenchmarkResult[]> {
  return Object.entries(sizes).map(([size, config]) => {
    const { basisCount, segmentLength, sampleCount } = config;
    using plan = createMemoryPlan(config);
    const start = process.cpuUsage();
    plan.update(segmentLength);
    const { user, system } = process.cpuUsage(start);
    return {
      name: "fit",
      size,
      shape: { basisCount, segmentLength, sampleCount },
      ...shared("javascript"),
      peer: null,
      seconds: seconds([(user + system) / 1e6]),
    };
  });
}

/**
 * Holds what many runs of a parser cost against a bound: memory beside what is
 * held after the first runs, and the processor time of the slowest.
 *
 * @param {{ megabytes?: number, milliseconds?: number, warmUp?: number }} [bounds]
 */
export function costGuard({ megabytes = 64, milliseconds = 1000, warmUp = 2000 } = {}) {
  let runs = 0;
  let held = 0;
  let most = 0;
  let slowest = 0;
  const note = (start) => {
    const { user, system } = process.cpuUsage(start);
    slowest = Math.max(slowest, (user + system) / 1000);
    runs += 1;
    if (runs <= warmUp) held = Math.max(held, process.memoryUsage.rss());
    else if (runs % 64 === 0) most = Math.max(most, process.memoryUsage.rss());
  };
  return {
    /** Runs it. @param {() => void} run */
    run(run) {
      const start = process.cpuUsage();
      try {
        run();
      } finally {
        note(start);
      }
    },
    /** The same for a run that waits; runs must not overlap. @param {() => Promise<void>} run */
    async wait(run) {
      const start = process.cpuUsage();
      try {
        await run();
      } finally {
        note(start);
      }
    },
    /** @throws where a bound was broken. */
    check() {
      const more = Math.max(0, most - held) / 2 ** 20;
      const text = `${runs} runs took ${more.toFixed(0)} MB more at most, and ${slowest.toFixed(0)} ms the slowest`;
      if (more >= megabytes || slowest >= milliseconds) throw new Error(text);
      return text;
    },
  };
}

import type { Comparison, Contender } from "./comparisons.js";
import { describeComparison } from "./comparisons.js";
import { ContenderError } from "./process/contender-error.js";
import type { Ready, Turn } from "./process/protocol.js";
import { inTurn } from "./rounds.js";

/** One contender's part in a comparison. */
export interface Timed {
  readonly contender: Contender;
  readonly ready: Ready;
  /** Seconds of one unit, by round. */
  readonly seconds: readonly number[];
  /** What the last turn said. */
  readonly last: Turn | null;
  /** Best rate of matrix products, from the contender that measures them. */
  readonly bestGigaflopsPerSecond: number;
}

/** A contender that stays and works when it is told to. */
export interface Resident {
  readonly ready: Ready;
  run(units: number): Promise<Turn>;
  quit(): Promise<void>;
}

/** How contenders are had. */
export interface Launcher {
  /** Starts a contender; `null`, having said why, where Python or a package of it is missing. */
  start(contender: Contender, who: string): Promise<Resident | null>;
}

/**
 * Times ours, its peers and whoever else takes part in turn, A B C A B C …:
 * all stay resident, and only one works at a time.
 *
 * @param rounds 0 for the first step alone.
 * @returns ours first; peers that are missing are left out.
 * @throws {ContenderError} `ERR_CONTENDER` naming the contender that failed; no process is left behind.
 */
export async function compare(
  comparison: Comparison,
  others: readonly Contender[],
  rounds: number,
  launcher: Launcher,
): Promise<Timed[]> {
  const running: { contender: Contender; process: Resident; last: Turn | null; best: number }[] = [];
  try {
    const wanted = [comparison.ours, ...(rounds === 0 ? [] : [...comparison.peers, ...others])];
    for (const contender of wanted) {
      const who = `${describeComparison(comparison)}, ${contender.label}`;
      const process = await launcher.start(contender, who);
      if (process !== null) running.push({ contender, process, last: null, best: 0 });
    }
    const turns = running.map((one) => async (): Promise<number> => {
      const units = one.contender.options["case"] === "matmul" ? 1 : comparison.units;
      one.last = await one.process.run(units);
      one.best = Math.max(one.best, one.last.gigaflopsPerSecond ?? 0);
      if (comparison.name === "train-step" && one.last.loss === null && one.best === 0) {
        throw new ContenderError(
          `${describeComparison(comparison)}, ${one.contender.label}`,
          "gave no finite loss",
          "",
        );
      }
      return one.last.seconds / units;
    });
    const times = rounds === 0 ? [] : await inTurn(turns, rounds);
    return running.map(({ contender, process, last, best }, index) => ({
      contender,
      ready: process.ready,
      seconds: times[index] ?? [],
      last,
      bestGigaflopsPerSecond: best,
    }));
  } finally {
    await Promise.all(running.map(({ process }) => process.quit()));
  }
}

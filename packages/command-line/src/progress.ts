import { SingleBar } from "cli-progress";
import type { Io } from "./io.js";
import { notice } from "./io.js";

/** Work of a known length under way. */
export interface Progress {
  /** @param remark what is known of the work so far, as in `loss 1.87`. */
  update(done: number, remark?: string): void;
  /** Takes the bar away, so that a line can be written; the next update brings it back. */
  pause(): void;
  stop(): void;
}

/**
 * Progress on stderr: a bar with rate and time left on a terminal, else a
 * plain line now and then.
 *
 * @param options.unit what is counted, as in `steps`.
 * @param options.done where the work begins: not counted into the rate.
 * @param options.quietSeconds least time between two plain lines.
 */
export function startProgress(
  io: Io,
  options: {
    readonly label: string;
    readonly unit: string;
    readonly total: number;
    readonly done?: number;
    readonly quietSeconds?: number;
  },
): Progress {
  return io.interactive ? bar(io, options) : lines(io, options);
}

type Options = Parameters<typeof startProgress>[1];

/** Units a second since the start, and what they promise of the rest. */
function pace(options: Options, began: number, done: number): string {
  const seconds = (performance.now() - began) / 1000;
  const rate = (done - (options.done ?? 0)) / seconds;
  if (!(rate > 0) || !Number.isFinite(rate)) return "";
  const left = (options.total - done) / rate;
  return `${rate >= 10 ? rate.toFixed(0) : rate.toFixed(2)} ${options.unit}/s, ${duration(left)} left`;
}

/** @returns seconds as `12 s`, `3 min 05 s`, `2 h 10 min` or `46 d 7 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const hours = Math.floor(whole / 3600);
  if (hours < 72) return `${hours} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function bar(io: Io, options: Options): Progress {
  const began = performance.now();
  const format = `${options.label} {bar} {value}/{total} {pace}{remark}`;
  const make = (): SingleBar =>
    new SingleBar({
      format,
      stream: io.stderr as NodeJS.WritableStream,
      barsize: 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      hideCursor: false,
      gracefulExit: false,
      clearOnComplete: true,
    });
  let shown: SingleBar | null = null;
  let payload = { pace: "", remark: "" };
  const pause = (): void => {
    shown?.stop();
    shown = null;
  };
  return {
    update(done, remark) {
      payload = {
        pace: pace(options, began, done),
        remark: remark === undefined ? payload.remark : ` · ${remark}`,
      };
      if (shown === null) {
        shown = make();
        shown.start(options.total, done, payload);
      } else {
        shown.update(done, payload);
      }
    },
    pause,
    stop: pause,
  };
}

function lines(io: Io, options: Options): Progress {
  const began = performance.now();
  const { quietSeconds = 10 } = options;
  let last = began;
  let ended = false;
  return {
    update(done, remark) {
      const now = performance.now();
      if (ended) return;
      if (now - last < quietSeconds * 1000 && done < options.total) return;
      last = now;
      ended = done >= options.total;
      const parts = [pace(options, began, done), remark ?? ""].filter((part) => part !== "");
      notice(
        io,
        `${options.label} ${done}/${options.total} ${options.unit}${parts.map((part) => ` · ${part}`).join("")}`,
      );
    },
    pause() {},
    stop() {},
  };
}

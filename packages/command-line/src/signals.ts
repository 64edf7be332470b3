import process from "node:process";

/** The signals that stop a run after saving, with the exit code of each. */
export const stopSignals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Two signals closer together than this are one: a terminal and a package
 * manager that passes signals on may both send it.
 */
const sameSignalMilliseconds = 50;

/** Name of a stop signal. */
export type StopSignal = keyof typeof stopSignals;

/** Asked-for stops, as an `AbortSignal` whose reason is the signal's name. */
export interface StopRequests {
  readonly signal: AbortSignal;
  /** Stops listening, unless a stop was asked for. */
  dispose(): void;
}

/**
 * Listens to SIGINT and SIGTERM: the first asks for an orderly stop, the
 * second ends the process at once.
 *
 * @param onFirst says what is going to happen.
 */
export function listenForStops(onFirst: (signal: StopSignal) => void): StopRequests {
  const controller = new AbortController();
  let first = 0;
  const handlers = (Object.keys(stopSignals) as StopSignal[]).map((name) => {
    const handler = (): void => {
      if (controller.signal.aborted) {
        if (performance.now() - first > sameSignalMilliseconds) process.exit(stopSignals[name]);
        return;
      }
      first = performance.now();
      onFirst(name);
      controller.abort(name);
    };
    process.on(name, handler);
    return { name, handler };
  });
  return {
    signal: controller.signal,
    dispose() {
      // A process that was told to stop is on its way out: a signal until then gives the exit code, not a death by signal.
      if (controller.signal.aborted) return;
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}

/** One turn of the event loop, so that signals and timers are heard. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** @returns the exit code for an aborted signal of `listenForStops`, else 130. */
export function stopCode(signal: AbortSignal): number {
  const reason: unknown = signal.reason;
  return reason === "SIGTERM" ? stopSignals.SIGTERM : stopSignals.SIGINT;
}

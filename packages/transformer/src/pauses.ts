/** Milliseconds of work after which timers and signals get a turn. */
const patience = 20;

/**
 * A pause between two tokens, so that timers and signals are heard by which a
 * text may be ended: on most backends every promise of a token is kept at once,
 * and a chain of such never lets them run. Nothing where nothing can end it.
 */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (signal === undefined || performance.now() - last < patience) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 0);
    });
    last = performance.now();
  };
}

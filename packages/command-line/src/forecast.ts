import { duration } from "./progress.js";

/** What is measured before anything is foretold, at least. */
const least = { steps: 2, seconds: 2 };

/**
 * Foretells what a run will take, once, as soon as that can be measured.
 *
 * @param total steps of the whole run.
 * @param warm steps at the beginning that are not measured, since functions are compiled in them; 1 by default.
 * @returns to be called after every step with its number and the seconds so far, whether the run began or was
 *   resumed there; gives a line as `0.18 s a step, 9 min 00 s for 3000 steps`, and `null` before and after.
 */
export function forecast(total: number, warm = 1): (step: number, seconds: number) => string | null {
  let calls = 0;
  let from: { readonly step: number; readonly seconds: number } | null = null;
  let told = false;
  return (step, seconds) => {
    if (++calls < warm || told) return null;
    from ??= { step, seconds };
    const [steps, passed] = [step - from.step, seconds - from.seconds];
    if (steps < least.steps || passed < least.seconds) return null;
    told = true;
    const each = passed / steps;
    return `${each.toPrecision(2)} s a step, ${duration(each * total)} for ${total} steps`;
  };
}

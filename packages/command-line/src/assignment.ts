import type { ConfigFault } from "./faults.js";
import { shown } from "./faults.js";

/**
 * The two halves of `--set path=value`.
 *
 * @returns path and text of the value, or the fault where there is no `=`.
 */
export function splitAssignment(
  assignment: string,
): { readonly path: string; readonly text: string } | ConfigFault {
  const cut = assignment.indexOf("=");
  if (cut < 1) {
    const message = `must be path=value, as in training.steps=100, got ${shown(assignment)}`;
    return { path: "--set", message };
  }
  return { path: assignment.slice(0, cut).trim(), text: assignment.slice(cut + 1).trim() };
}

/**
 * A typed value as what is meant by it, by the kind of the value that it
 * replaces: a number, `true`, `false`, `null`, `a,b` or `[a,b]` for a list of
 * numbers, `[]` for an empty one, else text. A text that fits nothing stays text, for the checks to refuse.
 */
export function valueLike(text: string, like: unknown): unknown {
  if (text === "null") return null;
  if (typeof like === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (Array.isArray(like)) {
    const inside = text.replace(/^\[|\]$/g, "").trim();
    return inside === "" ? [] : inside.split(",").map((part) => numberOf(part.trim()));
  }
  return typeof like === "string" ? text : numberOf(text);
}

function numberOf(text: string): number | string {
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? text : value;
}

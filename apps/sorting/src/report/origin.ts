import type { CellResult } from "../results/cell-result.js";

/** Where the figures come from, as label and text: one line each. */
export function originOf(cells: readonly CellResult[]): [string, string][] {
  const all = (of: (cell: CellResult) => string): string => [...new Set(cells.map(of))].join("; ");
  return [
    ["preset", all(({ preset }) => preset)],
    ["seeds", all(({ seed }) => String(seed))],
    ["updates", all(({ steps }) => steps.toLocaleString("en-GB"))],
    ["held-out sequences a cell", all(({ heldOutSequences }) => String(heldOutSequences))],
    ["machine", all(({ machine }) => machineText(machine))],
    ["versions", all(({ versions }) => versionText(versions))],
    ["command", all(({ command }) => command)],
  ];
}

function machineText({ processor, cores, memoryBytes, system }: CellResult["machine"]): string {
  const gibibytes = typeof memoryBytes === "number" ? `${Math.round(memoryBytes / 2 ** 30)} GiB` : "";
  return [processor, `${cores} cores`, gibibytes, system].filter(Boolean).join(", ");
}

function versionText(versions: CellResult["versions"]): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

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
    ["command", commandsOf(cells).join("; ")],
  ];
}

const lists = ["--models", "--lengths", "--seeds"] as const;

/**
 * The commands that make these cells. Cells whose commands differ in models,
 * lengths and seeds alone are told by one that names all of them (where the
 * cells don't fill the grid that it makes, it makes more than them).
 */
export function commandsOf(cells: readonly Pick<CellResult, "command">[]): string[] {
  const groups = new Map<string, Map<string, Set<string>>>();
  for (const { command } of cells) {
    const named = new Map<string, string>();
    const rest = command.replace(
      / (--(?:models|lengths|seeds)) (\S+)/g,
      (_, name: string, values: string) => {
        named.set(name, values);
        return ` ${name}`;
      },
    );
    const group = groups.get(rest) ?? new Map<string, Set<string>>();
    for (const [name, values] of named) {
      group.set(name, new Set([...(group.get(name) ?? []), ...values.split(",")]));
    }
    groups.set(rest, group);
  }
  return [...groups].map(([rest, group]) =>
    lists.reduce((text, name) => {
      const values = group.get(name);
      return values === undefined ? text : text.replace(` ${name}`, ` ${name} ${[...values].join(",")}`);
    }, rest),
  );
}

/** A machine in one line. */
export function machineText({ processor, cores, memoryBytes, system }: CellResult["machine"]): string {
  const gibibytes = typeof memoryBytes === "number" ? `${Math.round(memoryBytes / 2 ** 30)} GiB` : "";
  return [processor, `${cores} cores`, gibibytes, system].filter(Boolean).join(", ");
}

/** Versions in one line. */
export function versionText(versions: CellResult["versions"]): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

import { pageColours } from "./palette.js";

const properties = (side: "light" | "dark"): string =>
  Object.entries(pageColours)
    .map(([name, colour]) => `--${name}: ${colour[side]};`)
    .join(" ");

/** The report's style sheet: light and dark by the reader's setting, readable on a phone and on paper. */
export const reportStyle: string = `
:root { color-scheme: light dark; ${properties("light")} }
@media (prefers-color-scheme: dark) { :root { ${properties("dark")} } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p.lead { margin: 0; color: var(--quiet); }
figure { margin: 0; } figure svg { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--quiet); font-size: .9rem; margin-top: .5rem; }
.scroll { overflow-x: auto; } .scroll svg { max-width: none; }
ul.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0 0 .5rem; padding: 0; font-size: .92rem; }
ul.key svg { vertical-align: -.1em; margin-right: .4rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
th[scope="row"] { font-weight: 500; }
caption { text-align: left; color: var(--quiet); padding-bottom: .4rem; }
@media print { body { max-width: none; } section { break-inside: avoid; } }
`;

import { type ModelName, modelNames } from "../models/names.js";

/** A colour on a light ground, and the one that stands for it on a dark ground. */
export interface Colour {
  readonly light: string;
  readonly dark: string;
}

const modelColours: Readonly<Record<ModelName, Colour>> = {
  "transformer-xl": { light: "#c2410c", dark: "#ff9a5c" },
  compressive: { light: "#7c3aed", dark: "#b79bff" },
  "infinite-former": { light: "#1d6fd1", dark: "#6ea8ff" },
  "infinite-former-sticky": { light: "#0f7f58", dark: "#4cc79a" },
};

/** For variants, in the order of their series. */
export const variantColours: readonly Colour[] = [
  { light: "#a2185b", dark: "#ff85b8" },
  { light: "#6b6a00", dark: "#d3d04a" },
  { light: "#00707d", dark: "#4fd3e3" },
  { light: "#8a4b1f", dark: "#e0a476" },
  { light: "#44506b", dark: "#aab6d3" },
  { light: "#b91c1c", dark: "#ff8a8a" },
];

/** Ground, text, quiet text and lines of figures and page. */
export const pageColours: Readonly<Record<"ground" | "panel" | "text" | "quiet" | "line", Colour>> = {
  ground: { light: "#ffffff", dark: "#14161a" },
  panel: { light: "#f5f6f8", dark: "#1d2026" },
  text: { light: "#1c1f24", dark: "#e8eaed" },
  quiet: { light: "#5a6270", dark: "#a3abb8" },
  line: { light: "#d8dbe0", dark: "#353a43" },
};

/** The colour of a series: a model's own, or one for each variant in turn. */
export function seriesColour(model: ModelName, variant: string | null, index: number): Colour {
  if (variant === null) return modelColours[model];
  return variantColours[index % variantColours.length] as Colour;
}

/** Every colour that a figure may use. */
const colours: readonly Colour[] = [
  ...modelNames.map((name) => modelColours[name]),
  ...variantColours,
  ...Object.values(pageColours),
];

/** Rules that put the dark colours in the place of the light ones, for readers who prefer dark. */
export const darkRules: string = `@media (prefers-color-scheme: dark) {\n${colours
  .flatMap(({ light, dark }) =>
    ["fill", "stroke"].map((property) => `[${property}="${light}"] { ${property}: ${dark}; }`),
  )
  .join("\n")}\n}`;

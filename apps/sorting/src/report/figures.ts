/** What other benchmarks draw and write their results with. */
export {
  type LineFigure,
  lineFigure,
  type MeasuredLine,
  type MeasuredPoint,
  type OracleLine,
} from "./line-figure.js";
export { commandsOf, machineText, versionText } from "./origin.js";
export { type Colour, pageColours, seriesColour, variantColours } from "./palette.js";
export { meanOf, modelLabels } from "./series.js";
export { markdownTable, type Table } from "./table.js";

// What other benchmarks draw and write their results with.
export {
  type LineFigure,
  lineFigure,
  type MeasuredLine,
  type MeasuredPoint,
  type OracleLine,
} from "./report/line-figure.js";
export { commandsOf, machineText, versionText } from "./report/origin.js";
export { type Colour, pageColours, seriesColour, variantColours } from "./report/palette.js";
export { meanOf, modelLabels } from "./report/series.js";
export { markdownTable, type Table } from "./report/table.js";

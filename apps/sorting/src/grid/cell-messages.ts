import type { CellProgress } from "../train/run-cell.js";

/** What the process of a cell tells the one that started it. */
export type CellMessage = { readonly progress: CellProgress } | { readonly notice: string };

/** What is handed to the process of a cell: its folder's `cell.json`. */
export const planFileName = "cell.json";

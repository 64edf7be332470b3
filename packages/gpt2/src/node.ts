export { gpt2Files } from "./node/files.js";
export { inspectGpt2, type LoadGpt2Options, loadGpt2 } from "./node/load.js";
export { saveGpt2 } from "./node/save.js";

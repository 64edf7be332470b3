export { readTextCorpus, type TextCorpus, type TextCorpusOptions, type TextDocument } from "./text-file.js";
export { readTokenizer } from "./tokenizer-folder.js";

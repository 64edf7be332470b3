export {
  type CorpusFiles,
  type CorpusLayout,
  corpusFiles,
  corpusLayouts,
  formatOf,
} from "./corpus-layout.js";
export { readCmuDog } from "./dialogue/read-cmu-dog.js";
export { readTextCorpus, type TextCorpus, type TextCorpusOptions, type TextDocument } from "./text-file.js";
export { type TextPiece, type TextPiecesOptions, textPieces } from "./text-pieces.js";
export {
  openTokenFile,
  type TokenCounts,
  type TokenFile,
  type TokenFileWriter,
  writeTokenFile,
} from "./token-file.js";
export { readTokenizer } from "./tokenizer-folder.js";
export { type Utf8PiecesOptions, utf8Pieces } from "./utf8-pieces.js";

export { tokenizerFromJson, tokenizerToJson } from "./byte-pair/tokenizer-json.js";
export type { BytePairVocabulary, SpecialToken } from "./byte-pair/vocabulary.js";
export { tokenizerFromMerges } from "./byte-pair/vocabulary-files.js";
export {
  type CharacterVocabulary,
  type CharacterVocabularyJson,
  characterVocabulary,
  vocabularyFromJson,
  vocabularyToJson,
} from "./character-vocabulary.js";
export { codePointCount, unitsOfCodePoints } from "./code-points.js";
export {
  type BatchCursor,
  type ContiguousBatches,
  type ContiguousBatchesConfig,
  contiguousBatches,
  evaluationBatches,
  firstBatch,
  type TokenBatch,
} from "./contiguous-batches.js";
export { encodePieces, type TokenSink } from "./encode-pieces.js";
export type { EncodedText } from "./encoded-text.js";
export { ConfigError, DatasetError, type DatasetFault } from "./errors.js";
export { separatePunctuation } from "./separate-punctuation.js";
export { sortTarget } from "./sort-target.js";
export {
  type SortingSequence,
  type SortingTask,
  type SortingTaskConfig,
  sortingTask,
  tokenProbabilities,
} from "./sorting.js";
export {
  answersInLastSegment,
  type SortingExample,
  type SortingVocabulary,
  segmentStarts,
  sortingExample,
  sortingLineExample,
  sortingVocabulary,
} from "./sorting-example.js";
export { splitText } from "./split-text.js";
export { type TextStream, textStream } from "./text-stream.js";
export { encodeDocuments, type TokenDocuments } from "./token-documents.js";
export { bytesSha256, tokensSha256 } from "./token-hash.js";
export { arrayTokens, type TokenSource } from "./token-source.js";
export { type TextUntilStop, untilStop } from "./until-stop.js";
export { decodeText, invalidUtf8Offset, type LineEnds } from "./utf8.js";
export { decode, encode, type Vocabulary } from "./vocabulary.js";
export {
  countWords,
  decodeWords,
  encodeWords,
  lineEnd,
  unknownWord,
  type WordVocabulary,
  type WordVocabularyJson,
  type WordVocabularyOptions,
  wordVocabulary,
  wordVocabularyFromJson,
  wordVocabularyToJson,
} from "./word-vocabulary.js";

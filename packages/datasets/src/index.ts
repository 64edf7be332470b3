export { tokensFromRankedLines } from "./byte-pair/ranked-lines.js";
export { tokenizerFromRanks } from "./byte-pair/ranked-tokens.js";
export { withSpecialTokens } from "./byte-pair/special-tokens.js";
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
export { type CmuDog, type CmuDogFile, cmuDogFromFiles } from "./dialogue/cmu-dog.js";
export {
  type Conversation,
  documentSections,
  type FilmDocument,
  type Speaker,
  type Utterance,
} from "./dialogue/conversation.js";
export {
  type BytePairDialogueCoder,
  type DialogueCoder,
  type DialogueTokens,
  dialogueCoder,
} from "./dialogue/dialogue-coder.js";
export {
  type DialogueInputs,
  type DialogueInputsConfig,
  dialogueInputs,
  type ResponseInputs,
  type TypedTokens,
} from "./dialogue/dialogue-inputs.js";
export { startsFromEnd } from "./dialogue/starts-from-end.js";
export { type Turn, turnsOf } from "./dialogue/turns.js";
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
export { spareTokens } from "./spare-tokens.js";
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

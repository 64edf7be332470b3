import { type Rng, shuffle } from "@infinite-former/random";

/** How long the texts are, and how many words of each sort they use. JSON. */
export interface RecallTextConfig {
  /** Words of one segment. */
  readonly segmentLength: number;
  /** Segments of one document. */
  readonly segments: number;
  /** Names that facts are about, at most as many as a document has facts: none is used twice in it. */
  readonly names: number;
  /** Values that each name may have. */
  readonly values: number;
  /** Different filling words, which follow each other in a circle. */
  readonly fillers: number;
}

/** Ids of the words: filling words, then a question for each name, then a fact for each name and value. */
export interface RecallWords {
  readonly firstQuestion: number;
  readonly firstFact: number;
  /** Number of ids. */
  readonly size: number;
}

/** A question as it stands in a document. */
export interface RecallQuestion {
  /** Where it stands; the word after it is the fact. */
  readonly position: number;
  /** Segments from the fact's to the question's: 0 where both stand in one. */
  readonly distance: number;
  readonly name: number;
  readonly value: number;
}

/** A document: facts, each stated once and asked about once, among filling words. */
export interface RecallDocument {
  /** `[segments · segmentLength]` word ids. */
  readonly tokens: Int32Array;
  /** In the order of the text. */
  readonly questions: readonly RecallQuestion[];
}

/** Draws how many segments lie between a fact and its question. */
export type DrawDistance = (rng: Rng) => number;

/** Ids of a text's words. */
export function recallWords({ fillers, names, values }: RecallTextConfig): RecallWords {
  const firstFact = fillers + names;
  return { firstQuestion: fillers, firstFact, size: firstFact + names * values };
}

/**
 * Writes a document. A fact is one word, as `tea:3`; its question is one word,
 * as `tea?`, after which the fact stands once more. A segment holds at most
 * one fact and one question; filling words are the rest. Names and values are
 * drawn anew for each document, no name twice: only who remembers the fact can
 * answer.
 *
 * @param rng decides everything; is advanced.
 * @param distance draws each fact's distance. Where the segment it leads to has
 *   a question already, or lies past the end, it is drawn again a few times.
 */
export function recallDocument(config: RecallTextConfig, rng: Rng, distance: DrawDistance): RecallDocument {
  const { segments, segmentLength, fillers, values } = config;
  const words = recallWords(config);
  const facts = drawFacts(config, rng, distance);
  const stated = new Map(facts.map((fact) => [fact.stated, fact]));
  const asked = new Map(facts.map((fact) => [fact.asked, fact]));
  const tokens: number[] = [];
  const questions: RecallQuestion[] = [];
  let filler = rng.integer(0, fillers);
  const fill = (count: number): void => {
    for (let i = 0; i < count; i++) tokens.push(filler++ % fillers);
  };
  const state = ({ name, value }: Fact): void => {
    tokens.push(words.firstFact + name * values + value);
  };
  const ask = (fact: Fact): void => {
    const { name, value } = fact;
    questions.push({ position: tokens.length, distance: fact.asked - fact.stated, name, value });
    tokens.push(words.firstQuestion + name);
    state(fact);
  };
  for (let segment = 0; segment < segments; segment++) {
    const fact = stated.get(segment);
    const question = asked.get(segment);
    const writes = [
      ...(fact === undefined ? [] : [() => state(fact)]),
      ...(question === undefined ? [] : [() => ask(question)]),
    ];
    if (fact !== question && rng.uniform() < 0.5) writes.reverse();
    const free = segmentLength - (fact === undefined ? 0 : 1) - (question === undefined ? 0 : 2);
    const cuts = writes.map(() => rng.integer(0, free + 1)).sort((a, b) => a - b);
    writes.forEach((write, i) => {
      fill((cuts[i] as number) - (cuts[i - 1] ?? 0));
      write();
    });
    fill(free - (cuts.at(-1) ?? 0));
  }
  return { tokens: Int32Array.from(tokens), questions };
}

interface Fact {
  readonly name: number;
  readonly value: number;
  /** Its segment, and its question's. */
  readonly stated: number;
  readonly asked: number;
}

/** How often a distance is drawn that leads to no free segment. */
const tries = 8;

function drawFacts({ segments, names, values }: RecallTextConfig, rng: Rng, distance: DrawDistance): Fact[] {
  const unused = shuffle(
    rng,
    Array.from({ length: names }, (_, name) => name),
  );
  const taken = new Set<number>();
  const facts: Fact[] = [];
  const order = Array.from({ length: segments }, (_, segment) => segment);
  for (const stated of shuffle(rng, order)) {
    for (let attempt = 0; attempt < tries && facts.length < names; attempt++) {
      const asked = stated + distance(rng);
      if (asked >= segments || taken.has(asked)) continue;
      taken.add(asked);
      facts.push({ name: unused[facts.length] as number, value: rng.integer(0, values), stated, asked });
      break;
    }
  }
  return facts;
}

/** One of the two who talk, as the data set names them. */
export type Speaker = "user1" | "user2";

/** What one user wrote, sent in one piece. */
export interface Utterance {
  readonly speaker: Speaker;
  /** As it was typed: line breaks, marks and odd spaces included. */
  readonly text: string;
  /** Section of the document that was on show: 0 the introduction, 1 to 3 the scenes. Mostly it rises. */
  readonly section: number;
}

/** Two users talk about a document. */
export interface Conversation {
  /** Name of its file without `.json`. */
  readonly name: string;
  /** `index` of the document. */
  readonly document: number;
  /** In order; at least one that is not blank. */
  readonly utterances: readonly Utterance[];
  /** Who saw the document: one of the two, or both. */
  readonly readers: readonly Speaker[];
  /** 1 to 3; 3 is the best. */
  readonly rating: number;
  /** Whether neither user left before the end. */
  readonly finished: boolean;
}

/** A document: an article on a film, by sections. */
export interface FilmDocument {
  readonly index: number;
  readonly film: string;
  readonly year: string;
  readonly genre: string;
  readonly director: string;
  readonly cast: readonly string[];
  readonly introduction: string;
  /** As review sites print them: `Metacritic: 74/100`. */
  readonly ratings: readonly string[];
  /** Quotations from reviews. */
  readonly responses: readonly string[];
  /** Sections 1 to 3: key scenes. */
  readonly scenes: readonly [string, string, string];
}

/**
 * The text of each section as a reader would see it, on one line each: the
 * introduction with its facts, then the three scenes. How the authors of the
 * ∞-former joined the fields is not published: this is ours.
 */
export function documentSections(document: FilmDocument): readonly [string, string, string, string] {
  const { film, year, genre, director, cast, introduction, ratings, responses, scenes } = document;
  const facts: readonly (readonly [string, string])[] = [
    ["Film", year === "" ? film : `${film} (${year})`],
    ["Genre", genre],
    ["Director", director],
    ["Cast", cast.join("; ")],
  ];
  const opinions: readonly (readonly [string, string])[] = [
    ["Ratings", ratings.join("; ")],
    ["Critical response", responses.join("; ")],
  ];
  const told = (parts: typeof facts): string[] =>
    parts.filter(([, text]) => text !== "").map(([name, text]) => `${name}: ${text}.`);
  const first = [...told(facts), introduction, ...told(opinions)].join(" ");
  const [one, two, three] = scenes;
  return [onOneLine(first), onOneLine(one), onOneLine(two), onOneLine(three)];
}

/** A text without line breaks, and with one space wherever there is white space. */
export function onOneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

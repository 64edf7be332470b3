import { documentSections, type FilmDocument } from "./conversation.js";
import { items, type JsonField, member, string, wholeNumber, wrong } from "./json-field.js";

/**
 * A document from its JSON; untrusted. Fields that are not read may be anything.
 *
 * @throws {DatasetError} `ERR_DATASET` with `file` and `field`: a field of
 *   another kind, or a document without text.
 */
export function parseDocument(json: JsonField): FilmDocument {
  const first = member(json, "0");
  const text = (name: string): string => string(member(first, name));
  const texts = (name: string): string[] => items(member(first, name)).map(string);
  const scene = (section: number): string => string(member(json, String(section)));
  const document: FilmDocument = {
    index: wholeNumber(member(json, "wikiDocumentIdx")),
    film: text("movieName"),
    year: text("year"),
    genre: text("genre"),
    director: text("director"),
    cast: texts("cast"),
    introduction: text("introduction"),
    ratings: texts("rating"),
    responses: texts("critical_response"),
    scenes: [scene(1), scene(2), scene(3)],
  };
  if (documentSections({ ...document, film: "", year: "" }).every((section) => section === "")) {
    throw wrong(json, "hold text in its sections", "none");
  }
  return document;
}

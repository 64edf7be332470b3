const end = "<!-- generated: end -->";

/**
 * `text` with `content` between the marks that say what it is generated from.
 *
 * @param {string} text of a Markdown document with both marks
 * @param {string} source what the first mark names: files and command
 * @param {string} content Markdown
 */
export function withGenerated(text, source, content) {
  const begin = `<!-- generated from ${source}: begin -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`the document has no marks ${begin} and ${end}`);
  return `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`;
}

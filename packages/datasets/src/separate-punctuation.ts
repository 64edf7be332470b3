/**
 * A text with its punctuation as words of their own, in the manner of
 * WikiText: marks stand between spaces, and where a number or a compound has
 * one inside, it stands between `@`s, so that nothing is lost:
 * `1,000 well-known men.` → `1 @,@ 000 well @-@ known men .`
 *
 * White space within a line becomes one space; line feeds stay. Apostrophes
 * begin a word of their own (`man 's`), as WikiText's tokenizer has it.
 *
 * @example
 * separatePunctuation("The whale, 3.5 men long."); // "The whale , 3 @.@ 5 men long ."
 */
export function separatePunctuation(text: string): string {
  return text
    .replace(/(?<=\p{N})([.,])(?=\p{N})/gu, " @$1@ ")
    .replace(/(?<=[\p{L}\p{N}])(-)(?=[\p{L}\p{N}])/gu, " @$1@ ")
    .replace(/(?<=[\p{L}\p{N}])(['’])(?=\p{L})/gu, " $1")
    .replace(/(@[-.,]@)|(['’](?=\p{L}))|([^\p{L}\p{M}\p{N}\s])/gu, (_, inside, apostrophe, mark) =>
      inside !== undefined ? inside : apostrophe !== undefined ? apostrophe : ` ${mark} `,
    )
    .replace(/[^\S\n]+/gu, " ")
    .replace(/^ | $/gmu, "");
}

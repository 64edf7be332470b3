/**
 * Whether each letter is a consonant: all but a, e, i, o and u, and a y only
 * at the start or after a vowel. Whatever is no letter counts as a consonant.
 */
function consonants(letters: readonly string[]): boolean[] {
  const found: boolean[] = [];
  for (const [i, letter] of letters.entries()) {
    if (letter === "y") found.push(i === 0 || !found[i - 1]);
    else found.push(!"aeiou".includes(letter));
  }
  return found;
}

/** m of `[C](VC)^m[V]`: how often consonants follow vowels. */
export function measure(stem: string): number {
  return consonants([...stem]).filter((consonant, i, all) => consonant && i > 0 && !all[i - 1]).length;
}

/** `*v*`: a vowel somewhere. */
export function hasVowel(stem: string): boolean {
  return consonants([...stem]).includes(false);
}

/** `*d`: the same consonant twice at the end. */
export function endsInDouble(stem: string): boolean {
  const letters = [...stem];
  return letters.length > 1 && letters.at(-1) === letters.at(-2) && consonants(letters).at(-1) === true;
}

/**
 * `*o`: consonant, vowel, consonant at the end, the last no w, x or y; in
 * NLTK's extension also a stem of vowel and consonant alone.
 */
export function endsShort(stem: string): boolean {
  const letters = [...stem];
  const found = consonants(letters);
  if (letters.length < 2 || found.at(-2) || !found.at(-1)) return false;
  return letters.length === 2 || (found.at(-3) === true && !"wxy".includes(letters.at(-1) as string));
}

/** Whether the last letter is a consonant. */
export function endsInConsonant(stem: string): boolean {
  return consonants([...stem]).at(-1) === true;
}

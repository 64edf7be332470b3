/** The folder of this package, seen from `src` and from `dist` alike. */
export const folder: URL = new URL("../", import.meta.url);

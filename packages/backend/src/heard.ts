const methods = ["log", "info", "warn", "error"] as const;
const target = globalThis.console;

/**
 * Runs something that prints what goes wrong instead of throwing it.
 *
 * @returns its result; what it printed is printed after all.
 * @throws what it throws, with the lines it printed as the error's `heard`; nothing is printed then.
 */
export async function heard<R>(run: () => Promise<R>): Promise<R> {
  const lines: { readonly method: (typeof methods)[number]; readonly args: readonly unknown[] }[] = [];
  const plain = methods.map((method) => target[method]);
  for (const method of methods) target[method] = (...args: unknown[]) => void lines.push({ method, args });
  const restore = (): void => {
    for (const [i, method] of methods.entries()) Object.assign(target, { [method]: plain[i] });
  };
  try {
    const result = await run();
    restore();
    for (const { method, args } of lines) target[method](...args);
    return result;
  } catch (error) {
    restore();
    throw Object.assign(error as object, { heard: lines.map(({ args }) => args.map(String).join(" ")) });
  }
}

import { createRequire } from "node:module";
import { capturePath } from "./addon.js";

/** Abseil's own remark, and a line of information such as `I0000 00:00:1795444266.08 14357 port.cc:153] …`. */
const greeting = /^(WARNING: All log messages before absl::InitializeLog\(\) is called|I\d{4} \d\d:\d\d:)/;

/**
 * Loads an addon linked with libtensorflow without its greeting: TensorFlow
 * 2.21 tells processors with AVX-512, on stderr and at every log level, that it
 * will use them. With `TF_CPP_MIN_LOG_LEVEL=0` everything is printed; what is no
 * greeting always is.
 *
 * @returns the addon's exports
 * @throws what loading it throws
 */
export function requireQuietly(addon: string, env: NodeJS.ProcessEnv = process.env): unknown {
  const require = createRequire(import.meta.url);
  if (env["TF_CPP_MIN_LOG_LEVEL"] === "0") return require(addon);
  const { capture } = require(capturePath(addon)) as { capture: (action: () => void) => string };
  let exports: unknown;
  const printed = capture(() => {
    exports = require(addon);
  });
  const rest = withoutGreeting(printed);
  if (rest !== "") process.stderr.write(rest);
  return exports;
}

/** A text written to stderr without the lines that only greet. */
export function withoutGreeting(text: string): string {
  return text
    .split(/(?<=\n)/)
    .filter((line) => !greeting.test(line))
    .join("");
}

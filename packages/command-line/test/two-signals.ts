import { listenForStops } from "../src/index.js";

// A program that never finishes what the first signal asks for.
listenForStops((signal) => {
  process.stderr.write(`first ${signal}\n`);
});
setInterval(() => undefined, 1000);
process.stderr.write("listening\n");

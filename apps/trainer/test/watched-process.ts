import { ChildProcess, spawn } from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import process from "node:process";
import { main } from "../src/cli.js";

// The command line, with every way out of the process watched: what it tried stands on stderr.
const tried = (what: string): never => {
  process.stderr.write(`TRIED ${what}\n`);
  throw new Error(`not here: ${what}`);
};
const patched: [object, string[]][] = [
  [net.Socket.prototype, ["connect"]],
  [dgram.Socket.prototype, ["send"]],
  [dns, ["lookup", "resolve"]],
  [ChildProcess.prototype, ["spawn"]],
  [globalThis, ["fetch"]],
];
for (const [owner, names] of patched) {
  for (const name of names) Object.assign(owner, { [name]: () => tried(name) });
}
if (process.argv[2] === "try") {
  for (const attempt of [
    () => net.connect(9, "127.0.0.1"),
    () => fetch("http://127.0.0.1:9"),
    () => spawn("true"),
  ]) {
    try {
      attempt();
    } catch {}
  }
} else {
  process.exitCode = await main(process.argv.slice(2));
}

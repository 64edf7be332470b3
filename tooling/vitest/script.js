import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * The command that runs a TypeScript file with the packages' sources.
 *
 * @param {URL} script
 * @returns {[command: string, ...args: string[]]}
 */
export function scriptCommand(script) {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const options = ["--conditions=@infinite-former/source", "--import", loader];
  return [process.execPath, ...options, fileURLToPath(script)];
}

/**
 * Starts a TypeScript file with the packages' sources, in a process (and
 * process group) of its own.
 *
 * @param {URL} script
 * @param {readonly string[]} [args]
 * @param {Readonly<Record<string, string>>} [env]
 */
export function startScript(script, args = [], env = {}) {
  const [command, ...first] = scriptCommand(script);
  const child = spawn(command, [...first, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  const waiting = [];
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
    for (const { text, resolve } of waiting) if (stderr.includes(text)) resolve();
  });
  const ended = new Promise((resolve) => {
    child.on("close", (code, signal) => {
      for (const { text, reject } of waiting) reject(new Error(`ended without saying ${text}:\n${stderr}`));
      resolve({ code, signal, stdout, stderr });
    });
  });
  const said = (text) =>
    new Promise((resolve, reject) => {
      if (stderr.includes(text)) resolve();
      else waiting.push({ text, resolve, reject });
    });
  return { child, ended, said };
}

import type { ChildProcess } from "node:child_process";

/** What a process gave. */
export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script in a process of its own. */
export interface StartedScript {
  readonly child: ChildProcess;
  /** Resolves when the text appears on stderr; rejects if the process ends before. */
  said(text: string): Promise<void>;
  readonly ended: Promise<ScriptEnd>;
}

/** The command that runs a TypeScript file with the packages' sources. */
export declare function scriptCommand(script: URL): [command: string, ...args: string[]];

/** Starts a TypeScript file with the packages' sources, in a process (and process group) of its own. */
export declare function startScript(
  script: URL,
  args?: readonly string[],
  env?: Readonly<Record<string, string>>,
): StartedScript;

import { join } from "node:path";
import { activateBackend } from "@infinite-former/backend";
import { registerGradients } from "@infinite-former/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wrongArguments } from "./messages/arguments.js";
import { wrongConfigurations } from "./messages/configuration.js";
import { wrongConversations } from "./messages/conversations.js";
import { wrongData } from "./messages/data.js";
import { wrongDialogues } from "./messages/dialogue.js";
import { wrongRequests } from "./messages/generation.js";
import { wrongGpt2 } from "./messages/gpt2.js";
import { wrongRuns } from "./messages/runs.js";
import { wrongTexts } from "./messages/texts.js";
import { type Message, Workshop } from "./messages/workshop.js";
import { root } from "./workspace.js";

const sections: readonly [string, (shop: Workshop) => Promise<Message[]>][] = [
  ["Arguments", wrongArguments],
  ["Configuration", wrongConfigurations],
  ["Texts", wrongTexts],
  ["Runs, checkpoints, memories", wrongRuns],
  ["Generation", wrongRequests],
  ["GPT-2", wrongGpt2],
  ["Data and weights, by the packages' functions", wrongData],
  ["Conversations, by the packages' functions", wrongConversations],
  ["Dialogue", wrongDialogues],
];

describe("docs/messages.md", () => {
  let shop: Workshop;
  let messages: readonly (readonly [string, readonly Message[]])[];
  beforeAll(async () => {
    await activateBackend("cpu");
    registerGradients();
    shop = await Workshop.open();
    const found: [string, Message[]][] = [];
    for (const [title, section] of sections) found.push([title, await section(shop)]);
    messages = found;
  });
  afterAll(() => shop?.close());
  const all = () => messages.flatMap(([, section]) => section);

  it("holds what is said today of whatever is wrong; `npx vitest run messages -u` in tooling/checks writes it anew", async () => {
    const parts = messages.map(([title, section]) => {
      const blocks = section.map(({ done, said }) => `\`${done}\`\n\n\`\`\`text\n${said}\n\`\`\`\n`);
      return `## ${title}\n\n${blocks.join("\n")}`;
    });
    const intro =
      "# What is said when something is wrong\n\n" +
      "Every message that a trial of bad input meets, as it stands today: read them as a user would. " +
      "`DIR` is the folder of the tests.\n\n";
    await expect(intro + parts.join("\n")).toMatchFileSnapshot(join(root, "docs/messages.md"));
  });

  it("has no stack trace, no name of a system call, and an end with 1 or 2 where something was refused", () => {
    for (const { done, said } of all()) {
      expect(said, done).not.toMatch(/^\s+at /m);
      expect(said, done).not.toMatch(/\b(?:ENOENT|EISDIR|EACCES|ENOTDIR|ERR_FS_\w+)\b|undefined|\[object/);
      expect(said, done).not.toBe("(nothing)");
      expect(said, done).not.toMatch(/^no code/);
    }
  });
});

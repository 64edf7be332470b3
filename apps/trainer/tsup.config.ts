import { library } from "@infinite-former/tooling-tsup";

export default library({ entry: ["src/index.ts", "src/node.ts", "src/cli.ts"], platform: "node" });

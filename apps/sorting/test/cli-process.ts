import process from "node:process";
import { main } from "../src/cli.js";

// What bin/sorting.js does, from the sources.
process.exitCode = await main(process.argv.slice(2));

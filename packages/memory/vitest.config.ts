import { tensorPackage } from "@infinite-former/tooling-vitest";

export default tensorPackage(import.meta.dirname);

import { plainPackage } from "@infinite-former/tooling-vitest";

export default plainPackage();

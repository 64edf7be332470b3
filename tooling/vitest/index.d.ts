import type { UserConfig } from "vitest/config";
/** Configuration for packages that never touch a TensorFlow.js backend. */
export declare function plainPackage(test?: NonNullable<UserConfig["test"]>): UserConfig;
/** Configuration that runs every test once on each TensorFlow.js backend. */
export declare function tensorPackage(folder: string, test?: NonNullable<UserConfig["test"]>): UserConfig;
/** The backends on which the tests of a tensor package run. */
export declare function testBackends(): string[];

/** Skips every test of the enclosing block for a reason; nothing where there is none. */
export declare function skipEach(reason: string | false | undefined): void;

/** Says on the console why an element shows nothing, or why a visit is not counted. */
export declare function say(level: "info" | "warn", api: string, counter: string, text: string): void;
/** Words the error of a request. */
export declare function explain(error: unknown): string;

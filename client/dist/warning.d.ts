/** Explains on the console why an element shows nothing. */
export declare function warn(api: string, counter: string, error: unknown): void;

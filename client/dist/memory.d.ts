/** What this browser keeps for this site. A browser may refuse to; nothing depends on it. */
export declare function remember(key: string, value: unknown): void;
export declare function recall(key: string): unknown;

/** Stores values in localStorage. The element also works in browsers that block it. */
export declare function remember(key: string, value: unknown): void;
export declare function recall(key: string): unknown;

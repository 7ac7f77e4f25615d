/** The path of a single-page app. */
/** Returns the path of the page; /a and /a/ are one. */
export declare function currentPath(): string;
/** Calls a function after each change of the path. Only the first call has an effect. */
export declare function watchPath(changed: () => void): void;

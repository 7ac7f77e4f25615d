/** Who is looking at this page, and whether somebody is. */
declare global {
    interface Document {
        readonly prerendering?: boolean;
    }
    interface Navigator {
        readonly globalPrivacyControl?: boolean;
    }
}
/** Resolves once the page is seen: not loaded in advance, and not in a tab behind another. */
export declare function seen(): Promise<void>;
/** Nobody counts who is a program, opted out, or owns the page and opened it with #no-count once. */
export declare function counts(): boolean;
/** A random UUID. crypto.randomUUID is missing on pages without https. */
export declare function uuid(): string;

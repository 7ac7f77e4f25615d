/** Decides when and whether to count the visitor of this page. */
declare global {
    interface Document {
        readonly prerendering?: boolean;
    }
    interface Navigator {
        readonly globalPrivacyControl?: boolean;
    }
}
/** Resolves when the page is visible: not prerendered and not in a background tab. */
export declare function seen(): Promise<void>;
/** Returns why this visitor is not counted: the owner's choice, an opt-out, or an automated browser. */
export declare function exclusion(): string | undefined;
/**
 * Returns a random UUID. crypto.randomUUID is missing on pages without HTTPS. Math.random is
 * enough: the ID must be unique, not secret.
 */
export declare function uuid(): string;

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
/** False for automated browsers, opt-outs, and the owner's own browser (#no-count). */
export declare function counts(): boolean;
/**
 * Returns a random UUID. crypto.randomUUID is missing on pages without HTTPS. Math.random is
 * enough: the ID must be unique, not secret.
 */
export declare function uuid(): string;

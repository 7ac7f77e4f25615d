/** <visitor-history api="https://..." counter="resume">Visits, day by day</visitor-history> */
declare global {
    interface HTMLElementTagNameMap {
        "visitor-history": VisitorHistory;
    }
}
/** The last days as bars, and as a list for who can't see them. */
export declare class VisitorHistory extends HTMLElement {
    #private;
    constructor();
    connectedCallback(): Promise<void>;
    disconnectedCallback(): void;
}

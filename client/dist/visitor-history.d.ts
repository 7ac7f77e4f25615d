/** <visitor-history api="https://..." counter="resume">Visits, day by day</visitor-history> */
declare global {
    interface HTMLElementTagNameMap {
        "visitor-history": VisitorHistory;
    }
}
/** Shows the visits of the last days as bars, and as a list for screen readers. */
export declare class VisitorHistory extends HTMLElement {
    #private;
    constructor();
    connectedCallback(): Promise<void>;
    disconnectedCallback(): void;
}

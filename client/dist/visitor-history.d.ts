/** <visitor-history api="https://..." counter="resume" label="Visits in the last 30 days"></visitor-history> */
import { Base } from "./element.js";
declare global {
    interface HTMLElementTagNameMap {
        "visitor-history": VisitorHistory;
    }
}
/** Shows the visits of the last days as bars. Pointer, touch and arrow keys select a bar. */
export declare class VisitorHistory extends Base {
    #private;
    static readonly observedAttributes: string[];
    constructor();
    connectedCallback(): Promise<void>;
    attributeChangedCallback(): void;
    disconnectedCallback(): void;
}

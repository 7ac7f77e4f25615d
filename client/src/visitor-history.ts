/** <visitor-history api="https://..." counter="resume" label="Visits in the last 30 days"></visitor-history> */

import { Base, define, localeOf } from "./element.js";
import { type Counter, readHistory, type Totals } from "./generated/api.js";
import { explain, say } from "./warning.js";

declare global {
  interface HTMLElementTagNameMap {
    "visitor-history": VisitorHistory;
  }
}

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 100;
const WEEK = 7;
const MOST_BARS = 92; // a quarter; a longer history has a bar for each week

const STYLE = `
:host { display: block }
:host([hidden]), :host([data-state=none]) { display: none !important }
:host(:not([data-state])) figure { visibility: hidden }
figure { margin: 0; font-variant-numeric: tabular-nums }
div { display: flex; justify-content: space-between; gap: 1em }
.plot {
  position: relative; direction: ltr; margin-top: 0.75em;
  display: grid; grid-template-columns: 1fr auto; gap: 0.5em; justify-content: normal;
}
.plot span { unicode-bidi: plaintext }
svg {
  width: 100%; min-width: 0; overflow: visible; touch-action: pan-y;
  height: var(--visitor-history-height, 3rem); cursor: crosshair;
}
path { fill: none; stroke: currentColor; opacity: 0.35; vector-effect: non-scaling-stroke }
rect { fill: var(--visitor-history-color, currentColor) }
@media (forced-colors: active) { rect { fill: CanvasText } }
[data-selected] rect:not([data-selected]) { opacity: 0.4 }
[part=peak], .ends { font-size: 0.85em; line-height: 1 }
[part=peak] { margin-top: -0.5em }
input { position: absolute; inset: 0; margin: 0; opacity: 0; pointer-events: none }
.plot:has(:focus-visible) { outline: 2px solid; outline-offset: 4px }`;

/** Days in a row, shown as one bar. */
interface Bar {
  from: Date;
  to: Date;
  visits: number;
}

/** Shows the visits of the last days as bars. Pointer, touch and arrow keys select a bar. */
export class VisitorHistory extends Base {
  static readonly observedAttributes = ["api", "counter", "days", "label", "locale"];

  readonly #caption = create("figcaption");
  readonly #value = create("span");
  readonly #chart = document.createElementNS(SVG, "svg");
  readonly #slider = create("input");
  readonly #most = create("span");
  readonly #first = create("span");
  readonly #last = create("span");
  #turn = 0;
  #days: Totals[] = [];
  #today?: Totals;
  #bars: Bar[] = [];

  constructor() {
    super();
    this.#caption.part = "caption";
    this.#value.part = "value";
    this.#most.part = "peak";
    this.#chart.setAttribute("part", "bars");
    this.#chart.setAttribute("preserveAspectRatio", "none");
    this.#chart.setAttribute("aria-hidden", "true");
    this.#slider.type = "range";
    this.#caption.id = "caption";
    this.#slider.setAttribute("aria-labelledby", "caption");

    const figure = create("figure");
    figure.setAttribute("aria-labelledby", "caption");
    figure.append(
      row("head", this.#caption, this.#value),
      row("plot", this.#chart, this.#most, row("ends", this.#first, this.#last), this.#slider),
    );
    // A strict content security policy forbids a style element. A browser that is too old for this
    // throws here, before anything is shown.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(figure);

    for (const type of ["pointerdown", "pointermove"] as const) {
      this.#chart.addEventListener(type, (event) => this.#point(event));
    }
    this.#chart.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.#select();
    });
    for (const type of ["input", "focus"]) {
      this.#slider.addEventListener(type, () => this.#select(+this.#slider.value));
    }
    this.#slider.addEventListener("blur", () => this.#select());
  }

  async connectedCallback(): Promise<void> {
    document.addEventListener("visitor-counter:update", this.#update);
    const turn = ++this.#turn;
    this.#caption.replaceChildren(this.getAttribute("label") ?? create("slot"));
    await null; // several attributes that change together need one request
    const api = this.getAttribute("api");
    const counter = this.getAttribute("counter");
    const days = this.getAttribute("days");
    if (turn !== this.#turn) return;
    if (api === null || !counter) {
      this.dataset.state = "none";
      return;
    }
    try {
      const history = await readHistory(counter, days ? { days: +days } : {}, { api });
      if (turn !== this.#turn) return;
      this.#days = history.days;
      this.#draw();
    } catch (error) {
      if (turn !== this.#turn) return;
      this.dataset.state = "none";
      say("warn", api, counter, explain(error));
    }
  }

  attributeChangedCallback(): void {
    if (this.isConnected) void this.connectedCallback();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visitor-counter:update", this.#update);
  }

  /** Takes today's newer numbers from a counter element on the same page. */
  readonly #update = ({ detail }: CustomEvent<Counter>): void => {
    if (detail.counterId !== this.getAttribute("counter")) return;
    this.#today = detail.today;
    this.#draw();
  };

  #draw(): void {
    if (!this.#days.length) return;
    const days = this.#days.map((day) => (day.date === this.#today?.date ? this.#today : day));
    this.#bars = bars(days);
    const count = this.#bars.length;
    const most = Math.max(1, ...this.#bars.map((bar) => bar.visits));
    this.#chart.setAttribute("viewBox", `0 0 ${count} ${HEIGHT}`);
    this.#chart.replaceChildren(
      shape("path", { d: `M0 0H${count}M0 ${HEIGHT}H${count}` }),
      ...this.#bars.map(({ visits }, place) => {
        const height = (visits / most) * HEIGHT;
        return shape("rect", { x: place + 0.1, y: HEIGHT - height, width: 0.8, height });
      }),
    );
    this.#slider.max = `${count - 1}`;
    this.#slider.value = this.#slider.max;
    this.#most.textContent = most.toLocaleString(localeOf(this), { notation: "compact" });
    const [first, last] = [this.#bars[0]!, this.#bars[count - 1]!];
    this.#first.textContent = this.#date(first.from, first.from);
    this.#last.textContent = this.#date(last.to, last.to);
    this.#select();
    this.dataset.state = "drawn";
  }

  #point(event: PointerEvent): void {
    const { left, width } = this.#chart.getBoundingClientRect();
    const place = Math.floor(((event.clientX - left) / width) * this.#bars.length);
    this.#select(Math.min(Math.max(place, 0), this.#bars.length - 1));
  }

  /** Shows the visits of a bar, or the sum. */
  #select(place?: number): void {
    const selected = place === undefined ? undefined : this.#bars[place];
    this.#chart.toggleAttribute("data-selected", !!selected);
    this.#chart.querySelectorAll("rect").forEach((rect, other) => {
      rect.toggleAttribute("data-selected", other === place);
    });
    if (selected) this.#slider.value = `${place}`;
    const sum = this.#bars.reduce((sum, bar) => sum + bar.visits, 0);
    this.#value.textContent = selected ? this.#text(selected) : this.#number(sum);
    const text = this.#text(this.#bars[+this.#slider.value]!);
    this.#slider.setAttribute("aria-valuetext", text);
  }

  #text({ from, to, visits }: Bar): string {
    return `${this.#date(from, to)}: ${this.#number(visits)}`;
  }

  #number(number: number): string {
    return number.toLocaleString(localeOf(this));
  }

  /** Formats a day or a range of days, with the year if the chart shows two years. */
  #date(from: Date, to: Date): string {
    const years = new Set(this.#days.map(({ date }) => date.slice(0, 4))).size;
    const year = years > 1 ? "numeric" : undefined;
    return new Intl.DateTimeFormat(localeOf(this), {
      day: "numeric",
      month: "short",
      year,
      timeZone: "UTC",
    }).formatRange(from, to);
  }
}

/** Returns a bar for each day or week, from the first visit on but for a week at least. */
function bars(days: Totals[]): Bar[] {
  const start = days.findIndex((day) => day.visits);
  const shown = days.slice(start < 0 ? -WEEK : Math.min(start, days.length - WEEK));
  const size = shown.length > MOST_BARS ? WEEK : 1;
  const bars: Bar[] = [];
  for (let end = shown.length; end > 0; end -= size) {
    const part = shown.slice(Math.max(0, end - size), end);
    bars.unshift({
      from: new Date(part[0]!.date),
      to: new Date(part[part.length - 1]!.date),
      visits: part.reduce((sum, day) => sum + day.visits, 0),
    });
  }
  return bars;
}

function create<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  return document.createElement(name);
}

function row(name: string, ...children: Element[]): HTMLElement {
  const row = create("div");
  row.className = name;
  row.append(...children);
  return row;
}

function shape(name: string, attributes: Record<string, string | number>): SVGElement {
  const shape = document.createElementNS(SVG, name) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, `${value}`);
  return shape;
}

define("visitor-history", VisitorHistory);

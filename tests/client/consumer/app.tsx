import type {} from "visitor-counter/jsx";
import "visitor-counter/visitor-counter";
import "visitor-counter/visitor-history";
export { readCounter } from "visitor-counter";

export const App = () => (
  <p>
    <visitor-counter api="/live" counter="resume" label="{n} visits" compact />
    <visitor-history api="/live" counter="resume" days={90}>Visits</visitor-history>
  </p>
);
// @ts-expect-error: it names no counter
export const Incomplete = () => <visitor-counter api="/live" />;
// @ts-expect-error: there is no such number
export const Wrong = () => <visitor-counter api="/live" counter="resume" show="all" />;
// @ts-expect-error: there is no such element
export const Unknown = () => <visitor-chart />;

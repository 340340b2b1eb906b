import type { GapAccount, GapState } from "../../../../records/gaps/gap-types.ts";
import type { Colour, Face } from "../../../face/face.ts";
import { momentText } from "../../../face/units.ts";
import { stateWords } from "../../../text/records/gap.ts";

export const STATE_COLOURS: Readonly<Record<GapState, Colour | null>> = {
  recorded: "green",
  "pre-event": "green",
  muted: "yellow",
  unknown: "yellow",
  full: "red",
  lost: "red",
  off: "dim",
};

const CELLS = 72;
/** The worst first: a cell shows the worst that lies in it, so that nothing is too short to be seen. */
const WORST: readonly GapState[] = ["lost", "full", "unknown", "muted", "off", "pre-event", "recorded"];
const SIGNS: Readonly<Record<GapState, string>> = {
  recorded: "#",
  "pre-event": "+",
  muted: "m",
  unknown: "?",
  full: "F",
  lost: "X",
  off: ".",
};

/** One line for the whole span, its ends below it, and what its signs mean. */
export function timelineBar(face: Face, account: GapAccount): string[] {
  const { fromMs, toMs } = account;
  const worst = cellStates(account);
  const bar = worst.map((state) => paintSign(face, state)).join("");
  const [from, to] = [momentText(fromMs).slice(11, 16), momentText(toMs).slice(11, 16)];
  const legend = WORST.toReversed()
    .filter((state) => worst.includes(state))
    .map((state) => `${paintSign(face, state)} ${face.say(stateWords[state])}`);
  return [bar, from + " ".repeat(CELLS - from.length - to.length) + to, legend.join("   ")];
}

function cellStates({ fromMs, toMs, intervals }: GapAccount): GapState[] {
  const edge = (cell: number) => fromMs + ((toMs - fromMs) * cell) / CELLS;
  return Array.from({ length: CELLS }, (_, cell) => {
    const there = intervals.filter((one) => one.fromMs < edge(cell + 1) && one.toMs > edge(cell));
    return WORST.find((state) => there.some((one) => one.state === state)) ?? "unknown";
  });
}

function paintSign(face: Face, state: GapState): string {
  const colour = STATE_COLOURS[state];
  return colour === null ? SIGNS[state] : face.paint(colour, SIGNS[state]);
}

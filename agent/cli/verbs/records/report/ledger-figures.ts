import type { Figures } from "../../../../records/reports/report-types.ts";
import { bytesText } from "../../../face/units.ts";
import type { Say } from "../../../text/phrase.ts";
import { reportWords as words } from "../../../text/records/report/words.ts";

/** A line of what belongs to ledgers as a whole: a name, and what there is to say of it. */
export interface LedgerFigure {
  label: string;
  cells: string[];
}

/** Inspections, purges and wipes; of one officer or kind there are none to tell. */
export function ledgerFigures({ inspections, purges, wipes }: Figures, say: Say): LedgerFigure[] {
  if (inspections === undefined || purges === undefined || wipes === undefined) {
    const label = [words.inspections, words.purges, words.wipes].map((phrase) => say(phrase)).join(", ");
    return [{ label, cells: [say(words.notAsked)] }];
  }
  const { inspectionsText, findingsText, purgesText, wipesText } = words;
  return [
    {
      label: say(words.inspections),
      cells: [say(inspectionsText, { ...inspections }), say(findingsText, { ...inspections })],
    },
    { label: say(words.purges), cells: [say(purgesText, { ...purges }), bytesText(purges.bytes)] },
    { label: say(words.wipes), cells: [say(wipesText, { ...wipes }), bytesText(wipes.bytes)] },
  ];
}

import { systemClock } from "../../../../../config/base/clock.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import { accountOfActivity, accountOfWearer } from "../../../../records/gaps/account-of.ts";
import { ledgerDirectories } from "../../../../records/ledger-directories.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { dataDirOf } from "../../target.ts";
import { accountLines, type Shown } from "./account-lines.ts";

export interface AccountOptions {
  wearer?: string;
  from?: number;
  to?: number;
  activity?: string;
  data?: string[];
  config?: string;
  json?: boolean;
}

/** Accounts for every minute; exit 1 where something is missing that no entry explains. */
export async function account(face: Face, options: AccountOptions): Promise<ExitCode> {
  const dirs = ledgerDirectories(await namedDirectories(face, options));
  const shown = await accountFor(dirs, options);
  if (options.json === true) face.printJson(objectOf(shown));
  else face.print(...accountLines(face, shown));
  const { totals, flags } = shown.account;
  const isDoubtful = flags.some(({ code }) => code === "no-chunk" || code === "media-ahead");
  return totals.unknown > 0 || isDoubtful ? 1 : 0;
}

async function namedDirectories(face: Face, { data = [], config }: AccountOptions): Promise<string[]> {
  if (config === undefined && data.length > 0) return data;
  const own = await dataDirOf(face, config === undefined ? {} : { config });
  return [own, ...data];
}

async function accountFor(dirs: string[], { wearer, from, to, activity }: AccountOptions): Promise<Shown> {
  if (activity !== undefined)
    return { account: await accountOfActivity(dirs, activity, systemClock.utcMs()) };
  if (wearer === undefined || from === undefined || to === undefined)
    throw new AgentError("misuse", "--wearer ID --from TIME --to TIME, or --activity ACTIVITY", {
      next: "fulltrace gap account --wearer ID --from TIME --to TIME --data DIR",
    });
  return { wearer, account: await accountOfWearer(dirs, wearer, { fromMs: from, toMs: to }) };
}

function objectOf(shown: Shown): object {
  const { account } = shown;
  return {
    ...("wearer" in shown
      ? { wearer: shown.wearer }
      : { activity: shown.account.activity, open: shown.account.isOpen }),
    from_ms: account.fromMs,
    to_ms: account.toMs,
    devices: account.devices,
    left_out: account.leftOut,
    totals_ms: account.totals,
    intervals: account.intervals.map(({ fromMs, toMs, state, cause, flagged }) => ({
      from_ms: fromMs,
      to_ms: toMs,
      state,
      cause,
      flagged,
    })),
    flags: account.flags,
    imports: account.imports.map(({ dev, rec, modifiedMs }) => ({
      dev,
      rec,
      ...(modifiedMs === null ? {} : { modified_ms: modifiedMs }),
    })),
  };
}

import type { ControlResults } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { left, pairs, table } from "../../face/table.ts";
import { obstacleWords, updateWords as say } from "../../text/update/words.ts";
import { ask, type LiveOptions } from "../live/ask.ts";
import { orderLines } from "./order-lines.ts";

type Told = ControlResults["update.status"];

/** RAUC takes seconds on a small processor, and so do the last receipts. */
const ANSWER_MS = 180_000;

/** Tells which slot runs, what the other holds, and what an update would wait for. */
export async function status(face: Face, options: LiveOptions): Promise<ExitCode> {
  await ask(face, options, "update.status", {}, (told) => lines(face, told).join("\n"), ANSWER_MS);
  return 0;
}

function lines(face: Face, told: Told): string[] {
  const obstacles = told.obstacles.map((obstacle) => face.say(obstacleWords[obstacle]));
  const rows: [string, string][] = [
    [face.say(say.version), told.version],
    [face.say(say.minimum), told.minimum_version],
    [
      face.say(say.obstacles),
      obstacles.length === 0 ? face.say(say.none) : obstacles.join(face.say(say.between)),
    ],
  ];
  if (told.trial !== null) rows.push([face.say(say.trial), told.trial]);
  if (told.doing !== null) rows.push([face.say(say.doing), face.say(say[told.doing])]);
  if (told.failure !== null) rows.push([face.say(say.failure), `${told.failure.code} ${told.failure.place}`]);
  const orders = orderLines(face, told.orders);
  const slots = told.slots.map(({ name, booted, good, version }) => [
    name,
    version ?? face.say(say.card),
    face.say(booted ? say.running : good ? say.ready : say.spent),
  ]);
  const heads = [left(face.say(say.slot)), left(face.say(say.holds)), left(face.say(say.state))];
  return [...pairs(rows), ...orders, "", ...table(heads, slots)];
}

import type { PersonalReport } from "../../../flash/flash.ts";
import type { PersonalName } from "../../../flash/personal/members.ts";
import type { Face } from "../../face/face.ts";
import { flashWords, personalNames } from "../../text/flash/words.ts";

export function namesText(face: Face, names: readonly PersonalName[]): string {
  return names.map((name) => face.say(personalNames[name])).join(face.say(flashWords.comma));
}

/** What a card carries for one unit. */
export function personalText(face: Face, personal: PersonalReport): string {
  switch (personal.state) {
    case "none":
      return face.say(flashWords.personalNone);
    case "blank":
      return face.say(flashWords.personalBlank);
    case "present":
      return namesText(face, personal.names);
    case "damaged":
      return face.say(flashWords.personalDamaged, { place: personal.place });
  }
}

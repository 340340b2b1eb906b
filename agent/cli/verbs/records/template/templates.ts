import {
  readTemplateFile,
  TemplateCatalogue,
  type TemplateText,
} from "../../../../../config/template-catalogue.ts";
import type { Stage } from "../../../../../config/templates.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { left, right, table } from "../../../face/table.ts";
import { activityWords } from "../../../text/records/activity.ts";
import { templateWords as say } from "../../../text/records/template.ts";
import { ownTemplates } from "../../target.ts";

export interface TemplateOptions {
  config?: string;
  json?: boolean;
}

/** Lists the process templates that activities can be opened with. */
export async function list(face: Face, { config, json }: TemplateOptions): Promise<ExitCode> {
  const { all } = TemplateCatalogue.open(await ownTemplates(config));
  if (json === true) face.printJson({ templates: all.map(summary) });
  else
    face.print(
      ...table(
        [
          left(face.say(say.id)),
          right(face.say(say.stages)),
          right(face.say(say.requirements)),
          left(face.say(say.from)),
          left(face.say(say.name)),
        ],
        all.map(({ template, isShipped }) => [
          template.id,
          String(template.stages.length),
          String(requirementsOf(template)),
          face.say(isShipped ? say.shipped : say.own),
          face.say(template.name),
        ]),
      ),
    );
  return 0;
}

/** Shows what one of them requires, stage by stage. */
export async function show(face: Face, id: string, { config, json }: TemplateOptions): Promise<ExitCode> {
  const text = TemplateCatalogue.open(await ownTemplates(config)).read(id);
  if (json === true) face.printJson({ ...summary(text), template: text.template });
  else face.print(...lines(face, text));
  return 0;
}

/** Checks a file as an agent would. */
export async function check(face: Face, file: string, { json }: TemplateOptions): Promise<ExitCode> {
  const text = readTemplateFile(file);
  const { template, digest } = text;
  if (json === true) face.printJson(summary(text));
  else {
    const values = {
      id: template.id,
      stages: template.stages.length,
      requirements: requirementsOf(template),
      digest,
    };
    face.print(face.say(say.isSound, values));
  }
  return 0;
}

function summary({ template, digest, file, isShipped }: TemplateText) {
  const { id, name, stages } = template;
  return {
    id,
    name,
    stages: stages.length,
    requirements: requirementsOf(template),
    shipped: isShipped,
    digest,
    file,
  };
}

function requirementsOf({ stages }: TemplateText["template"]): number {
  return stages.reduce((sum, { requires }) => sum + requires.length, 0);
}

function lines(face: Face, { template, digest, file }: TemplateText): string[] {
  return [
    face.say(template.name),
    file,
    `SHA-256 ${digest}`,
    ...template.stages.flatMap((stage) => ["", ...stageLines(face, stage)]),
    "",
    face.say(say.whenDisputed, { stages: template.when_disputed.join(", ") }),
  ];
}

function stageLines(face: Face, { id, name, requires }: Stage): string[] {
  return [
    face.paint("bold", `${face.say(name)} (${id})`),
    ...requires.flatMap((requirement) => [
      `  ${requirement.id}: ${face.say(requirement.name)} [${face.say(say[requirement.what])}]`,
      ...(requirement.only_if === undefined
        ? []
        : [`    ${face.say(activityWords.onlyIfSo, { condition: face.say(requirement.only_if) })}`]),
    ]),
  ];
}

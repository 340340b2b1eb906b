import type { DrawFault } from "../../../records/inspections/verify-draw.ts";
import type { Phrase } from "../phrase.ts";

export const checkHelp = {
  check: { en: "spot checks: samples that nobody can steer", zh: "抽查：任何人都无法左右的抽样" },
  draw: { en: "draw the sample of a period; it is signed", zh: "抽取某一周期的样本并签名" },
  list: { en: "list what is still to be inspected", zh: "列出待检查项目" },
  show: { en: "show one draw, its sample and what was found", zh: "显示一次抽样的样本与检查结果" },
  result: { en: "record what was found in one item of a sample", zh: "记录样本中某一项的检查结果" },
  verify: { en: "draw again, and compare with what was recorded", zh: "重新抽取并与记录比对" },
  period: { en: "period, half open; UTC where no zone is given", zh: "周期，含起不含止；未注明时区则为 UTC" },
  rate: { en: "share that is drawn: 10%, 2.5% or 1/20", zh: "抽取比例：10%、2.5% 或 1/20" },
  atLeast: { en: "draw at least so many", zh: "至少抽取数量" },
  of: { en: "what is drawn from", zh: "抽取对象：录制或执法活动" },
  by: { en: "who says so", zh: "操作人" },
  all: { en: "inspected items, too", zh: "包括已检查的项目" },
  id: { en: "id that `check draw` printed, or its beginning", zh: "check draw 输出的编号，或其开头" },
  item: {
    en: "recording or activity of the sample, or its beginning",
    zh: "样本中的录制或活动编号，或其开头",
  },
  finding: { en: "what was found", zh: "检查结论" },
  defect: { en: "kind of the defect", zh: "问题类型" },
  text: { en: "in words", zh: "文字说明" },
  corrects: { en: "number of the entry that this puts right", zh: "所更正条目的序号" },
} satisfies Record<string, Phrase>;

export const checkWords = {
  drawn: {
    en: "draw {draw}: {drawn} of {candidates} candidates (entry {seq})",
    zh: "抽样 {draw}：{candidates} 项中抽取 {drawn} 项（条目 {seq}）",
  },
  bounds: {
    en: "candidates: what began in the entries from {from} on and below {size}, this period by witnesses' clocks",
    zh: "候选范围：按见证方时钟属于该周期的条目，{from} 起、{size} 之前",
  },
  seed: {
    en: "seed: the checkpoint of {size} entries, cosigned {time}, after the period",
    zh: "种子：周期结束后于 {time} 联署的 {size} 条检查点",
  },
  repeated: {
    en: "This period was drawn before, which is signed: {repeats}",
    zh: "该周期此前已抽取过（已签名记录）：{repeats}",
  },
  noted: { en: "written as entry {seq}", zh: "已写入，条目 {seq}" },
  nothing: {
    en: "Nothing to draw from: a period ends with the first cosignature after it, and so may another hold what was recorded at its edge.",
    zh: "没有可抽取的对象：周期以其后首个联署为界，边界附近的录制可能属于相邻周期。",
  },
  none: { en: "Nothing to inspect.", zh: "没有待检查项目。" },
  draw: { en: "DRAW", zh: "抽样" },
  item: { en: "ITEM", zh: "项目" },
  kind: { en: "KIND", zh: "对象" },
  period: { en: "PERIOD", zh: "周期" },
  finding: { en: "FINDING", zh: "结论" },
  text: { en: "TEXT", zh: "说明" },
  entry: { en: "ENTRY", zh: "条目" },
  by: { en: "BY", zh: "检查人" },
  recordings: { en: "recordings", zh: "录制" },
  activities: { en: "activities", zh: "执法活动" },
  open: { en: "open", zh: "待检查" },
  "in-order": { en: "in order", zh: "正常" },
  defect: { en: "defect: {kind}", zh: "问题：{kind}" },
  note: { en: "note", zh: "备注" },
  corrected: { en: "put right by entry {seq}", zh: "已由条目 {seq} 更正" },
  rule: {
    en: "{rateN} of {rateD} of {candidates}, at least {atLeast}: {drawn}",
    zh: "比例 {rateN}/{rateD}，至少 {atLeast} 项；候选 {candidates} 项，抽取 {drawn} 项",
  },
  ruleLabel: { en: "rule", zh: "规则" },
  periodLabel: { en: "period", zh: "周期" },
  drawLabel: { en: "draw", zh: "抽样" },
  seedLabel: { en: "seed", zh: "种子" },
  seedText: { en: "checkpoint of {size} entries, by {witness}", zh: "{size} 条检查点，由 {witness} 联署" },
  seedAt: { en: "cosigned {time}", zh: "联署时间 {time}" },
  same: {
    en: "Drawn again: the same sample of {drawn} out of {candidates}.",
    zh: "重新抽取结果一致：{candidates} 项中 {drawn} 项。",
  },
  differs: { en: "This draw does not hold:", zh: "该抽样不成立：" },
} satisfies Record<string, Phrase>;

export const faultWords = {
  "seed-not-cosigned": { en: "no trusted witness cosigned its seed", zh: "种子未经受信见证方联署" },
  "seed-too-early": { en: "its seed was cosigned before the period was over", zh: "种子在周期结束前已联署" },
  "seed-of-other-ledger": { en: "its seed is not of this ledger", zh: "种子不属于该账本" },
  "seed-not-first": {
    en: "another seed came first: an earlier cosignature after the period is in this copy",
    zh: "并非最先的种子：本副本中有周期结束后更早的联署",
  },
  "seed-missing": {
    en: "this copy has no such cosigned checkpoint; try the receiver's",
    zh: "本副本没有该联署检查点；请改用接收端副本",
  },
  "bounds-differ": {
    en: "its candidates do not begin where the period before ended",
    zh: "候选范围起点与前一周期不衔接",
  },
  "list-differs": {
    en: "its candidates or its sample are not those of the ledger",
    zh: "候选或样本与账本不符",
  },
  "counts-differ": { en: "it counts other candidates or another sample", zh: "候选或样本数量不符" },
  "repeat-unsaid": {
    en: "the period was drawn before, and it does not say so",
    zh: "该周期此前已抽取，但未注明",
  },
  "id-twice": { en: "an earlier draw has the same id", zh: "此前已有同一编号的抽样" },
} satisfies Record<DrawFault, Phrase>;

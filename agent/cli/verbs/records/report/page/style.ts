import { html } from "./markup.ts";

/** The page's own style: no font, picture or rule comes from anywhere else. Greys tell apart what colours do. */
export const style = html`
:root{color-scheme:light;--ink:#18222d;--soft:#4d5a67;--line:#d4dae0;--wash:#f3f5f7;--full:#1c4a73;--middle:#7698b5;--light:#cfdbe5}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#fff;color:var(--ink);font:16px/1.55 "Helvetica Neue","Segoe UI",Arial,"Liberation Sans","Source Han Sans SC","Noto Sans CJK SC","Noto Sans SC","PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","WenQuanYi Micro Hei","Droid Sans Fallback",system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:40px 32px 56px}
h1{font-size:30px;line-height:1.25;margin:0 0 6px;letter-spacing:-.01em;font-weight:650}
h2{font-size:19px;line-height:1.35;margin:44px 0 14px;font-weight:650}
h3{font-size:15px;line-height:1.4;margin:0 0 10px;font-weight:650}
p{margin:0 0 8px}
header{border-bottom:2px solid var(--ink);padding-bottom:18px}
.span{font-size:19px;margin:0}
.about{color:var(--soft);margin:4px 0 0}
.figures{display:grid;grid-template-columns:repeat(3,1fr);gap:0 32px;margin:0}
.figures>div{border-bottom:1px solid var(--line);padding:18px 0 16px;display:flex;flex-direction:column}
.figures dt{color:var(--soft);font-size:15px}
.figures dd{margin:0}
.figures .value{font-size:34px;line-height:1.2;font-weight:600;letter-spacing:-.015em;margin:2px 0 4px}
.figures .note,.figures .before{color:var(--soft);font-size:14px}
.figures .change{color:var(--ink);font-weight:600}
.charts{display:grid;grid-template-columns:1fr 1fr;gap:36px 48px}
figure{margin:0;break-inside:avoid}
figcaption{margin-bottom:10px}
figcaption h3{margin:0}
svg{display:block;width:100%;height:auto;overflow:visible;font-family:inherit}
svg text{fill:var(--soft)}
svg text.value{fill:var(--ink)}
svg .full{fill:var(--full)}
svg .middle{fill:var(--middle)}
svg .light{fill:var(--light)}
svg .hatched{fill:url(#hatch);stroke:var(--full);stroke-width:1}
svg .axis{stroke:var(--ink);stroke-width:1;fill:none}
svg .grid{stroke:var(--line);stroke-width:1;fill:none}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;color:var(--soft);font-size:14px;margin:2px 0 0;padding:0;list-style:none}
.key li{display:flex;align-items:center;gap:7px}
.key svg{width:14px;height:14px;flex:none}
.empty{color:var(--soft);border:1px solid var(--line);padding:22px;text-align:center}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px}
th,td{padding:7px 0 7px 20px;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
th:first-child,td:first-child{padding-left:0;text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:7em}
thead th{color:var(--soft);font-weight:500;font-size:14px;border-bottom-color:var(--ink)}
:lang(en) thead th{text-transform:lowercase}
:lang(en) thead th::first-letter{text-transform:uppercase}
tbody th{font-weight:400}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 48px}
.pair td{white-space:normal}
.slices thead th{white-space:normal;word-break:keep-all;line-break:strict;vertical-align:bottom}
.slices th:first-child{width:18%}
.ledgers td,.ledgers th{text-align:left}
.ledgers td.hex{white-space:normal;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,"SFMono-Regular","DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;min-width:16em}
dl.terms{font-size:14px;margin:0;columns:2;column-gap:48px}
dl.terms>div{break-inside:avoid;margin-bottom:12px}
dl.terms dt{font-weight:600}
dl.terms dd{margin:0;color:var(--soft)}
@media (max-width:760px){
main{padding:24px 16px 40px}
h1{font-size:25px}
.span{font-size:17px}
.figures{grid-template-columns:1fr 1fr;gap:0 20px}
.figures .value{font-size:26px}
.charts,.pair{grid-template-columns:1fr}
dl.terms{columns:1}
}
@page{size:A4;margin:19mm 15mm 16mm}
@media print{
body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
h1{font-size:19pt}
h2{font-size:12.5pt;margin:20pt 0 6pt;break-after:avoid}
h3{font-size:10.5pt;break-after:avoid}
.span{font-size:12pt}
.about,.figures dt,.figures .note,.figures .before,.key{font-size:9pt}
.figures{grid-template-columns:repeat(3,1fr);gap:0 18pt}
.figures>div{padding:8pt 0 7pt}
.figures .value{font-size:19pt}
.charts{grid-template-columns:1fr 1fr;gap:14pt 22pt}
.pair{grid-template-columns:1fr 1fr;gap:0 22pt}
.wide{overflow:visible}
table{font-size:9pt}
th,td{padding:3.5pt 0 3.5pt 9pt}
thead{display:table-header-group}
tr{break-inside:avoid}
thead th{font-size:8.5pt}
.ledgers td.hex{font-size:7.5pt}
dl.terms{font-size:8.5pt;column-gap:22pt}
.sheet{break-before:page}
.sheet>h2:first-child{margin-top:0}
}`;

/** Styles of the panel, light and dark. All selectors are below `.scim-panel`, so that the layout of the host is not affected. */
export const panelStyle = `
.scim-panel,.scim-page{
  color-scheme:light dark;
  --ground:#f6f7f8;--card:#fff;--sunken:#f2f4f6;--ink:#1c2126;--soft:#59636e;--line:#dde2e7;--edge:#848f9b;
  --accent:#1f5fbf;--accent-ink:#fff;--accent-soft:#e8f0fc;
  --good:#17683f;--good-soft:#e3f4ea;--warn:#7a4a00;--warn-soft:#fdf0d9;--bad:#b02319;--bad-soft:#fdeae7;
  --bar:#5b8fd9;--bar-bad:#cf4a3c;--shadow:0 1px 2px rgb(20 30 40/.05),0 4px 16px rgb(20 30 40/.04);
}
@media (prefers-color-scheme:dark){.scim-panel,.scim-page{
  --ground:#121519;--card:#1a1e24;--sunken:#14181d;--ink:#e7eaee;--soft:#a3adb8;--line:#2c333b;--edge:#737f8c;
  --accent:#8ab4f8;--accent-ink:#10223d;--accent-soft:#1b2b43;
  --good:#7ed6a4;--good-soft:#14301f;--warn:#f0c274;--warn-soft:#362a13;--bad:#ff9d92;--bad-soft:#3b1b18;
  --bar:#5f8fd6;--bar-bad:#e2695c;--shadow:none;
}}
.scim-page{margin:0;background:var(--ground)}
.scim-page>main{max-width:64rem;margin:0 auto;padding:2rem 1.25rem 5rem}
.scim-panel{color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
  overflow-wrap:anywhere;text-wrap:pretty}
.scim-panel *{box-sizing:border-box}
.scim-panel :is(h1,h2,h3,p,ul,ol,dl,dd,figure,fieldset){margin:0;padding:0;border:0}
.scim-panel :is(ul,ol){list-style:none}
.scim-panel h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;font-weight:650}
.scim-panel h2{font-size:1.0625rem;line-height:1.4;font-weight:650}
.scim-panel h3{font-size:.9375rem;font-weight:650}
.scim-panel a{color:var(--accent);text-underline-offset:.15em}
.scim-panel code,.scim-panel pre{font:.8125rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.scim-panel .soft{color:var(--soft)}
.scim-panel .strong{font-weight:600}
.scim-panel .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.scim-panel :is(a,button,input,select,textarea,summary,pre,.scroll):focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:6px}

.scim-panel .crumbs ol{display:flex;flex-wrap:wrap;color:var(--soft);font-size:.875rem}
.scim-panel .crumbs li+li::before{content:"›";margin:0 .5rem;color:var(--edge)}
.scim-panel .crumbs a{color:inherit;text-decoration:none}
.scim-panel .crumbs a:hover{text-decoration:underline}
.scim-panel .title{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1rem;margin:.5rem 0 1.25rem}
.scim-panel .title .badge{font-size:.875rem;padding:.2rem .75rem}
.scim-panel>h1:not(.unseen){margin-bottom:1.25rem}
.scim-panel .tabs{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;border-bottom:1px solid var(--line);margin-bottom:1.5rem}
.scim-panel .tabs a{padding:.6rem 0;color:var(--soft);text-decoration:none;font-weight:550;border-bottom:2px solid transparent;margin-bottom:-1px}
.scim-panel .tabs a:hover{color:var(--ink);border-color:var(--edge)}
.scim-panel .tabs a[aria-current]{color:var(--ink);border-color:var(--accent)}
.scim-panel .count{display:inline-block;margin-left:.4rem;padding:0 .5rem;border-radius:1rem;background:var(--warn-soft);color:var(--warn);font-size:.8125rem;font-weight:650}

.scim-panel .card{background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow);padding:1.25rem 1.5rem;margin-bottom:1.25rem;scroll-margin-top:1rem}
.scim-panel .card>header{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:start;gap:.75rem 1.5rem}
.scim-panel .card>header>div{flex:1 1 18rem;max-width:44rem}
.scim-panel .card>header+*{margin-top:1rem}
.scim-panel .card>*+*:not(dialog){margin-top:1rem}
.scim-panel .card>header:only-child{margin:0}
.scim-panel .empty{padding:1.25rem;border:1px dashed var(--edge);border-radius:10px;background:var(--sunken)}
.scim-panel .notice{padding:.7rem 1rem;border-radius:10px;margin-bottom:1.25rem;border:1px solid currentColor}
.scim-panel .card .notice{margin-bottom:0}
.scim-panel .notice a{color:inherit;font-weight:600}
.scim-panel :is(.badge,.notice).good{background:var(--good-soft);color:var(--good)}
.scim-panel :is(.badge,.notice).warn{background:var(--warn-soft);color:var(--warn)}
.scim-panel :is(.badge,.notice).bad{background:var(--bad-soft);color:var(--bad)}
.scim-panel .badge{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.8125rem;font-weight:600;white-space:nowrap}
.scim-panel .badge.off{background:var(--sunken);color:var(--soft);box-shadow:inset 0 0 0 1px var(--line)}
.scim-panel .badge::before{content:"";display:inline-block;width:.45em;height:.45em;border-radius:50%;background:currentColor;margin-right:.45em;vertical-align:.12em}
.scim-panel .badge.off::before{background:none;box-shadow:inset 0 0 0 1.5px currentColor}

.scim-panel .button,.scim-panel input,.scim-panel select,.scim-panel textarea{font:inherit;color:inherit;border:1px solid var(--edge);border-radius:8px;background:var(--card);min-height:2.375rem;padding:.35rem .9rem}
.scim-panel .button{display:inline-flex;align-items:center;justify-content:center;font-weight:550;text-decoration:none;cursor:pointer;white-space:nowrap;transition:background .12s,border-color .12s}
.scim-panel .button[hidden]{display:none}
.scim-panel .button:hover{background:var(--sunken);border-color:var(--soft)}
.scim-panel .button.primary{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
.scim-panel .button.primary:hover{filter:brightness(1.08)}
.scim-panel .button.danger{background:var(--bad);border-color:var(--bad);color:var(--card)}
.scim-panel .button.danger:hover{filter:brightness(1.08)}
.scim-panel .button.quiet-danger{color:var(--bad)}
.scim-panel .button.quiet-danger:hover{background:var(--bad-soft);border-color:var(--bad)}
.scim-panel .buttons{display:flex;flex-wrap:wrap;gap:.6rem}
.scim-panel input,.scim-panel select,.scim-panel textarea{padding:.35rem .7rem;max-width:100%}
.scim-panel .field :is(input,select,textarea){width:100%;max-width:26rem}
.scim-panel .field label,.scim-panel .label,.scim-panel legend{display:block;font-weight:600;font-size:.875rem;margin-bottom:.35rem}
.scim-panel legend{padding:0}
.scim-panel .hint{color:var(--soft);font-size:.875rem;margin-top:.35rem}
.scim-panel .problem{color:var(--bad);font-size:.875rem;font-weight:550;margin-top:.35rem}
.scim-panel [aria-invalid=true]:not([type=radio],[type=checkbox]){border-color:var(--bad);box-shadow:inset 0 0 0 1px var(--bad)}
.scim-panel .field .choice{display:flex;margin:.35rem 0 0;font-weight:400}
.scim-panel .field .choice input{width:1.1rem}
.scim-panel .joined{display:flex;flex-wrap:wrap;gap:.6rem}
.scim-panel .joined select{flex:0 1 18rem;width:auto}
.scim-panel .stack{display:grid;gap:1.1rem}
.scim-panel .choice{display:flex;gap:.65rem;align-items:start;padding:.3rem 0;cursor:pointer}
.scim-panel .choice input{flex:none;width:1.1rem;height:1.1rem;min-height:0;margin:.2rem 0 0;accent-color:var(--accent)}
.scim-panel .switch{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.75rem}
.scim-panel .switch .choice{border:1px solid var(--edge);border-radius:10px;padding:.8rem 1rem;font-weight:600}
.scim-panel .switch .choice .soft{display:block;font-weight:400}
.scim-panel .switch .choice:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent);background:var(--accent-soft)}
.scim-panel .switch .choice:has(:checked) .soft{color:var(--ink)}
.scim-panel .copyable{display:flex;gap:.6rem;align-items:stretch}
.scim-panel .copyable code{flex:1;min-width:0;padding:.5rem .8rem;border:1px solid var(--line);border-radius:8px;background:var(--sunken);user-select:all}
.scim-panel .more{border-top:1px solid var(--line);padding-top:.9rem}
.scim-panel .more>summary,.scim-panel .entry summary{cursor:pointer}
.scim-panel .more>summary{font-weight:550;width:fit-content;color:var(--soft)}
.scim-panel .more>summary:hover{color:var(--ink)}
.scim-panel .more>*+*{margin-top:.75rem}
.scim-panel .steps{counter-reset:step;display:grid;gap:.6rem}
.scim-panel .steps li{counter-increment:step;display:grid;grid-template-columns:1.6rem 1fr;gap:.7rem}
.scim-panel .steps li::before{content:counter(step);display:grid;place-items:center;width:1.6rem;height:1.6rem;border-radius:50%;background:var(--accent-soft);color:var(--accent);font-weight:650;font-size:.8125rem}
.scim-panel dialog{margin:auto;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.5rem;width:min(32rem,calc(100vw - 2rem));box-shadow:0 24px 64px rgb(0 0 0/.28)}
.scim-panel dialog::backdrop{background:rgb(10 14 20/.5)}
.scim-panel dialog h2{font-size:1.1875rem;margin-bottom:.9rem}

.scim-panel .keys>li{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:center;gap:.75rem 1.5rem;padding:1rem 0;border-top:1px solid var(--line)}
.scim-panel .keys>li:last-child{padding-bottom:0}
.scim-panel .key{flex:1 1 24rem;min-width:0}
.scim-panel .key dl{display:flex;flex-wrap:wrap;gap:.15rem 1.5rem;margin-top:.3rem;font-size:.875rem}
.scim-panel .key dl div{display:flex;gap:.4rem}
.scim-panel dt{color:var(--soft)}
.scim-panel .facts{display:grid;gap:.5rem}
.scim-panel .facts>div{display:grid;grid-template-columns:11rem minmax(0,1fr);gap:.25rem 1rem}
.scim-panel .plain{display:grid;gap:.5rem}
.scim-panel .trail>li{border-top:1px solid var(--line);padding:.9rem 0}
.scim-panel .trail>li:first-child{border-top:0;padding-top:0}
.scim-panel .trail>li:last-child{padding-bottom:0}
.scim-panel .trail .facts{margin-top:.5rem;gap:.2rem;font-size:.875rem}
.scim-panel .listed{list-style:disc;padding-left:1.2rem;font-size:.9375rem}
.scim-panel .explained{border-left:3px solid var(--bar-bad);padding:.2rem 0 .2rem 1rem;display:grid;gap:.35rem}
.scim-panel .solved{border-left:3px solid var(--good);padding:.2rem 0 .2rem 1rem;color:var(--soft)}
.scim-panel .solved strong{color:var(--good)}
.scim-panel .requests{display:grid;gap:1rem;margin-top:1rem}
.scim-panel .requests li{display:grid;gap:.3rem}
.scim-panel .requests+p{margin-top:1rem;font-size:.875rem}
.scim-panel .chart{border-top:1px solid var(--line);padding-top:1rem}
.scim-panel figcaption,.scim-panel .axis{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem}
.scim-panel figcaption span:first-child{font-weight:600}
.scim-panel .chart svg{display:block;width:100%;height:6.5rem;margin:.75rem 0 .35rem}
.scim-panel .axis{font-size:.8125rem}
.scim-panel .chart .ground{fill:var(--line)}
.scim-panel .chart .fine{fill:var(--bar);background:var(--bar)}
.scim-panel .chart .wrong{fill:var(--bar-bad);background:var(--bar-bad)}
.scim-panel .legend i{display:inline-block;width:.6rem;height:.6rem;border-radius:3px;margin:0 .15rem 0 .6rem}
.scim-panel .chart .more{margin-top:.9rem}
.scim-panel table{border-collapse:collapse;width:100%}
.scim-panel :is(th,td){text-align:left;vertical-align:top;padding:.55rem 1rem .55rem 0;border-bottom:1px solid var(--line);font-weight:400}
.scim-panel thead th{color:var(--soft);font-size:.8125rem;font-weight:600}
.scim-panel tbody tr:last-child>*{border-bottom:0}
.scim-panel .act{width:1%;text-align:right;padding-right:0}
.scim-panel .scroll{overflow-x:auto}
.scim-panel .mapping td .soft{font-size:.875rem}

.scim-panel .filter{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:end;padding:1rem;border-radius:10px;background:var(--sunken)}
.scim-panel .filter .field{flex:0 1 9rem}
.scim-panel .filter .wide{flex:1 1 14rem}
.scim-panel .filter .wide input{max-width:none}
.scim-panel .filter .choice{min-height:2.375rem;align-items:center;padding:0}
.scim-panel .filter .choice input{margin:0}
.scim-panel .entry{border-top:1px solid var(--line)}
.scim-panel .entry:first-child{border-top:0}
.scim-panel .entry summary{display:grid;grid-template-columns:14rem minmax(0,1fr) minmax(6rem,10rem) 8.5rem 4.5rem;gap:.15rem 1rem;align-items:baseline;padding:.7rem .5rem;border-radius:8px;list-style:none}
.scim-panel .entry summary::-webkit-details-marker{display:none}
.scim-panel .entry summary:hover{background:var(--sunken)}
.scim-panel .entry .when{color:var(--soft);font-variant-numeric:tabular-nums;font-size:.875rem}
.scim-panel .entry .when::before{content:"";display:inline-block;width:.4rem;height:.4rem;border:solid var(--edge);border-width:0 1.5px 1.5px 0;transform:rotate(-45deg);margin-right:.7rem;transition:transform .12s}
.scim-panel .entry [open]>summary .when::before{transform:rotate(45deg) translate(-1px,-1px)}
.scim-panel .entry .what{display:flex;flex-wrap:wrap;gap:0 .75rem;min-width:0}
.scim-panel .entry .with{font-size:.875rem}
.scim-panel .entry .took{text-align:right;font-size:.875rem;font-variant-numeric:tabular-nums}
.scim-panel .entry .inside{display:grid;gap:1rem;padding:.5rem .5rem 1.25rem 1.6rem}
.scim-panel .entry.fresh{animation:scim-fresh 2.5s ease-out}
@keyframes scim-fresh{from{background:var(--accent-soft)}}
.scim-panel .wire{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
.scim-panel .wire>div{min-width:0}
.scim-panel .wire .line{margin:.2rem 0 .5rem}
.scim-panel pre{margin:0;padding:.8rem;border:1px solid var(--line);border-radius:8px;background:var(--sunken);white-space:pre-wrap;overflow:auto;max-height:24rem}
.scim-panel .pages{display:flex;justify-content:space-between}
.scim-panel [data-live]::before{content:"";width:.55rem;height:.55rem;border-radius:50%;margin-right:.55rem;box-shadow:inset 0 0 0 1.5px var(--edge)}
.scim-panel [data-live][data-state=on]::before{background:var(--good);box-shadow:none}
.scim-panel [data-live][data-state=waiting]::before{background:var(--warn);box-shadow:none}
.scim-panel .conflicts>li{border-top:1px solid var(--line);padding:1.1rem 0;display:grid;gap:.75rem}
.scim-panel .conflicts>li:first-child{border-top:0;padding-top:0}
.scim-panel .conflicts>li:last-child{padding-bottom:0}
.scim-panel .zone{font-size:.8125rem}
.scim-panel h3+.scroll{margin-top:.35rem}
.scim-panel .message{text-align:start}
.scim-panel .message>*+*{margin-top:.75rem}

@media (max-width:52rem){
  .scim-panel .entry summary{grid-template-columns:minmax(0,1fr) auto;gap:.2rem .75rem}
  .scim-panel .entry .what{grid-column:1/-1;grid-row:2}
  .scim-panel .entry .with{grid-row:3}
  .scim-panel .entry .took{grid-row:3}
}
@media (max-width:36rem){
  .scim-page>main{padding:1.25rem .9rem 3rem}
  .scim-panel .card{padding:1.1rem}
  .scim-panel .tabs{gap:0 1.1rem}
  .scim-panel .tabs a{padding:.45rem 0}
  .scim-panel .facts>div{grid-template-columns:1fr}
  .scim-panel .facts dt{font-size:.875rem}
  .scim-panel .copyable{flex-direction:column}
  .scim-panel .axis>span:not(.legend){display:none}
  .scim-panel .filter .field{flex:1 1 8rem}
  .scim-panel .filter .wide{flex:1 1 100%}
  .scim-panel .filter :is(input,select){max-width:none}
  .scim-panel .stacked :is(table,tbody){display:block}
  .scim-panel .stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  .scim-panel .stacked tr{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,8rem),1fr));gap:.35rem 1rem;padding:.8rem 0;border-bottom:1px solid var(--line)}
  .scim-panel .stacked tr:last-child{border-bottom:0}
  .scim-panel .stacked tbody :is(th,td){display:block;padding:0;border:0}
  .scim-panel .stacked tbody :is(th,.act){grid-column:1/-1;width:auto;text-align:left}
  .scim-panel .stacked td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.8125rem}
}
@media (prefers-reduced-motion:reduce){.scim-panel *{transition:none!important;animation:none!important}}
@media print{.scim-panel :is(.tabs,.buttons,.filter,dialog){display:none}.scim-panel .card{box-shadow:none;break-inside:avoid}}
@media (forced-colors:active){.scim-panel .badge{border:1px solid}}
`;

// drives ours & hand-written server, with pg_stat_statements
import { buildServers } from '/work/wt/perf6/bench/http-sql/start-server.js';
import { works } from '/work/wt/perf6/bench/http-sql/work.js';
import { seedUsers, seedGroup } from '/work/wt/perf6/bench/http-sql/seed.js';
import pg from 'pg';
const url = process.env['POSTGRES_URL']!;
const key='bench-key-of-some-length';
const built = await buildServers();
const pool = new pg.Pool({ connectionString: url, max: 1 });
await pool.query('create extension if not exists pg_stat_statements').catch((e)=>console.log(e.message));
const names = process.argv[2]!.split(',');
const n = Number(process.argv[3] ?? 400);
for (const program of (process.argv[4]??'hand-written,ours').split(',') as any[]) {
  const tables = `zz${program.slice(0,1)}${process.pid}_`;
  const s = await built.start(program, { engine:'postgres', database:url, tables, pool: 1, key, outbox: process.env.OUTBOX==='1', store: 'built-in', isTimed:false } as any);
  const data = await seedUsers({port:s.port,key} as any, 2000);
  await pool.query('vacuum analyze');
  for (const w of works.filter(w=>names.includes(w.name))) {
    if (w.group) data.groups.set(w.group, await seedGroup({port:s.port,key} as any, data, w.group));
    const next = w.requests(data);
    const go = async (n: number) => { for (let i=0;i<n;i++){ const r = next(); const res = await fetch(`http://127.0.0.1:${s.port}${program==='ours'?'/scim/v2':'/scim/v2'}${r.path}`, {method:r.method, headers:{authorization:`Bearer ${key}`, ...(r.body?{'content-type':'application/scim+json'}:{})}, body:r.body as any}); const t=await res.text(); if(res.status>=300) {console.log(res.status,t.slice(0,300)); break;} (r as any).onResponse?.(t);} };
    await go(50);
    await pool.query('select pg_stat_statements_reset()');
    const t0=performance.now(); await go(n); const el=(performance.now()-t0)/n*1000;
    const { rows } = await pool.query(`select calls, plans, round(total_plan_time::numeric*1000/greatest(calls,1)) as plan_us, round(total_exec_time::numeric*1000/calls) as exec_us, wal_bytes/calls as wal, left(regexp_replace(query,'\\s+',' ','g'), ${process.env.LEN??160}) q from pg_stat_statements where query not like '%pg_stat%' order by total_exec_time desc limit 4`);
    console.log(program, w.name, `${el.toFixed(0)}us/req`); for (const r of rows) console.log('   ', r.calls, 'plans', r.plans, 'plan', r.plan_us, 'exec', r.exec_us, 'wal', r.wal, r.q);
  }
  await s.stop();
  const {rows}= await pool.query(`select tablename from pg_tables where tablename like '${tables}%'`); if(!process.env.KEEP) for (const r of rows) await pool.query(`drop table "${r.tablename}" cascade`); else console.log(tables);
}
await pool.end(); built.delete(); process.exit(0);

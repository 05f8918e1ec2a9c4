import { Kysely, MysqlDialect } from 'kysely';
import { createPool } from 'mysql2';
import http from 'node:http';
import express from 'express';
import { createScimTables, dropScimTables, sqlStore } from '../src/sql.js';
import { connectorKeys, createScimRouter } from '../src/index.js';
const pool = createPool({ uri: process.env['MARIADB_URL'], connectionLimit: 1 });
const seen: {sql:string,parameters:readonly unknown[]}[] = [];
const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }), log: (e) => { if (e.level==='query') seen.push(e.query as never); } });
const tables = 'zzm_';
await dropScimTables(db, { tables }).catch(()=>{});
await createScimTables(db, { tables });
const app = express(); app.use('/scim/v2', createScimRouter(sqlStore(db, { tables }), { authenticate: connectorKeys([{ key: 'bench-key-of-some-length' }]) }));
const server = http.createServer(app).listen(0); const port = (server.address() as any).port;
const go = async (method: string, path: string, body?: unknown) => { const r = await fetch(`http://127.0.0.1:${port}/scim/v2${path}`, { method, headers: { authorization: 'Bearer bench-key-of-some-length', 'content-type': 'application/scim+json' }, body: body === undefined ? undefined : JSON.stringify(body) } as any); const t = await r.text(); if (!r.ok) console.log(r.status, t); return t === '' ? undefined : JSON.parse(t); };
const ids: string[] = [];
for (let k = 0; k < 20; k++) { const r = await go('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: Array.from({ length: 100 }, (_, j) => { const i = k * 100 + j; return { method: 'POST', bulkId: String(i), path: '/Users', data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `User.${i}@example.com`, externalId: `ext-${i}`, displayName: `G F${i}`, emails: [{ value: `user.${i}@example.com`, type: 'work', primary: true }] , title:'x'} }; }) }); for (const o of r.Operations) ids.push(o.location.split('/').pop()); }

const P='urn:ietf:params:scim:api:messages:2.0:PatchOp';
const g = await go('POST','/Groups',{schemas:['urn:ietf:params:scim:schemas:core:2.0:Group'],displayName:'G1',members:ids.slice(0,1000).map(value=>({value}))});
const works: [string, string, string, unknown?][] = [
 ['get', 'GET', `/Users/${ids[5]}`], ['externalId', 'GET', `/Users?filter=${encodeURIComponent('externalId eq "ext-5"')}`], ['userName', 'GET', `/Users?filter=${encodeURIComponent('userName eq "User.5@example.com"')}`], ['page','GET','/Users?count=100'],['cursor','GET','/Users?count=100&cursor='],
 ['attribute','PATCH',`/Users/${ids[7]}`,{schemas:[P],Operations:[{op:'replace',path:'title',value:'y'}]}],
 ['active','PATCH',`/Users/${ids[7]}`,{schemas:[P],Operations:[{op:'replace',path:'active',value:false}]}],
 ['put','PUT',`/Users/${ids[8]}`,{schemas:['urn:ietf:params:scim:schemas:core:2.0:User'],userName:'User.8@example.com',externalId:'ext-8',title:'n'}],
 ['create','POST',`/Users`,{schemas:['urn:ietf:params:scim:schemas:core:2.0:User'],userName:'User.x@example.com',externalId:'ext-x',title:'n'}],
 ['member in','PATCH',`/Groups/${g.id}?excludedAttributes=members`,{schemas:[P],Operations:[{op:'add',path:'members',value:[{value:ids[1500]}]}]}],
 ['member out','PATCH',`/Groups/${g.id}?excludedAttributes=members`,{schemas:[P],Operations:[{op:'remove',path:`members[value eq "${ids[5]}"]`}]}],
 ['delete','DELETE',`/Users/${ids[9]}`],
 ['bulk','POST','/Bulk',{ schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations: Array.from({ length: 3 }, (_, i) => ({ method: 'POST', bulkId: String(i), path: '/Users', data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: `Bulk.${i}@example.com`,externalId:`b${i}`} }))}],
];
const cpu = () => 0;
for (const [name, method, path, body] of works) {
  if (method==='GET') await go(method, path, body as any); seen.length = 0; await go(method, path, body as any);
  const statements = [...seen];
  console.log(name, statements.length);
  for (const { sql, parameters } of statements) {
    if (/^(begin|commit|rollback)\s*$/.test(sql)) { continue; }

    const q1 = (t: string, p: readonly unknown[] = []) => new Promise<any>((res, rej) => (pool as any).query(t, p, (e: unknown, r: unknown) => (e ? rej(e) : res(r))));
    const st = async () => Object.fromEntries((await q1("show session status where variable_name in ('Created_tmp_disk_tables','Created_tmp_tables')")).map((r: any) => [r.Variable_name, Number(r.Value)]));
    if (method==='GET') { const ex = await q1('explain '+sql, parameters); console.log(ex.map((r: any)=>`      ${r.id} ${r.select_type} ${r.table} ${r.type} key=${r.key} len=${r.key_len} rows=${r.rows} ${r.Extra}`).join('\n')); }
    const before = await st(); const t = performance.now(); let err=''; await q1(sql, parameters).catch((e)=>{err=e.message.slice(0,50)}); const el=((performance.now()-t)*1000).toFixed(0); const after = await st();
    console.log('   disk', after.Created_tmp_disk_tables - before.Created_tmp_disk_tables, 'tmp', after.Created_tmp_tables - before.Created_tmp_tables - 1, el, err, process.argv[2] ? sql : sql.replace(/\s+/g, ' ').slice(0, 150));
  }
}
for (const [m,s,p] of [['query','select 1 as a where ? = 1',[1]],['execute','select 1 as a where ? = 1',[1]]] as any) { const t=performance.now(); for(let i=0;i<300;i++) await new Promise<void>((r)=>(pool as any)[m](s,p,()=>r())); console.log('floor',m,((performance.now()-t)/300*1000).toFixed(0)); }
await dropScimTables(db, { tables }); server.close(); await db.destroy(); process.exit(0);

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
const works: [string, string, string, unknown?][] = [
 ['get', 'GET', `/Users/${ids[5]}`], ['userName', 'GET', `/Users?filter=${encodeURIComponent('userName eq "User.5@example.com"')}`], ['externalId', 'GET', `/Users?filter=${encodeURIComponent('externalId eq "ext-5"')}`], ['email','GET',`/Users?filter=${encodeURIComponent('emails[type eq "work" and value eq "user.5@example.com"]')}`],
 ['attribute','PATCH',`/Users/${ids[7]}`,{schemas:['urn:ietf:params:scim:api:messages:2.0:PatchOp'],Operations:[{op:'replace',path:'title',value:'y'}]}],
 ['active','PATCH',`/Users/${ids[7]}`,{schemas:['urn:ietf:params:scim:api:messages:2.0:PatchOp'],Operations:[{op:'replace',path:'active',value:false}]}],
];
const cpu = () => 0;
for (const [name, method, path, body] of works) {
  await go(method, path, body as any); seen.length = 0; await go(method, path, body as any);
  const statements = [...seen];
  console.log(name, statements.length);
  for (const { sql, parameters } of statements) {
    if (/^(begin|commit|rollback)/.test(sql)) { console.log('   ', sql); continue; }
    const time = async (m: 'query' | 'execute') => { let best = 1e9; for (let r = 0; r < 5; r++) { const t = performance.now(); for (let i = 0; i < 150; i++) await new Promise<void>((res, rej) => (pool as any)[m](sql, parameters, (e: unknown) => (e ? rej(e) : res()))); best = Math.min(best, (performance.now() - t) / 150 * 1000); } return best.toFixed(0); };
    const q = await time('query').catch(e=>e.message), x = await time('execute').catch(e=>e.message);
    console.log('   query', q, 'execute', x, 'us', process.argv[2] ? sql : sql.replace(/\s+/g, ' ').slice(0, 110));
  }
}
for (const [m,s,p] of [['query','select 1 as a where ? = 1',[1]],['execute','select 1 as a where ? = 1',[1]]] as any) { const t=performance.now(); for(let i=0;i<300;i++) await new Promise<void>((r)=>(pool as any)[m](s,p,()=>r())); console.log('floor',m,((performance.now()-t)/300*1000).toFixed(0)); }
await dropScimTables(db, { tables }); server.close(); await db.destroy(); process.exit(0);

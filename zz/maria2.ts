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

const id = ids[5]; const M='`zzm_members`', G='`zzm_groups`', U='`zzm_users`';
const C='select r.id, r.attributes, r.active, r.created, r.last_modified, r.version';
const W=`from ${U} r where r.tenant = ? and r.id = ?`;
const N=`exists (select 1 from ${M} n where n.tenant = g.tenant and n.member_id = g.id)`;
const J=`from ${M} m join ${G} g on g.tenant = m.tenant and g.id = m.group_id where m.tenant = r.tenant and m.member_id = r.id`;
const variants: Record<string,string> = {
 floor: 'select 1 as a where ? = ?',
 none: `${C} ${W}`,
 now: `${C}, (select json_arrayagg(json_array(convert(g.id using utf8mb4), convert(g.name using utf8mb4), ${N})) ${J}) as \`groups\` ${W}`,

 arr_json_array: `${C}, (select json_arrayagg(json_array(g.id)) ${J}) as \`groups\` ${W}`,
 arr_convert: `${C}, (select json_arrayagg(convert(g.id using utf8mb4)) ${J}) as \`groups\` ${W}`,
 arr_col: `${C}, (select json_arrayagg(g.id) ${J}) as \`groups\` ${W}`,
 arr_concat: `${C}, (select json_arrayagg(concat(g.id, ' ', coalesce(g.name, ''), ${N})) ${J}) as \`groups\` ${W}`,
 arr_concat_conv: `${C}, (select json_arrayagg(concat(${N}, if(g.name is null, 0, 1), rpad(g.id, 64, ' '), convert(coalesce(g.name, '') using utf8mb4))) ${J}) as \`groups\` ${W}`,
 arr_quote: `${C}, (select json_arrayagg(concat('[', json_quote(g.id), ',', coalesce(json_quote(g.name), 'null'), ',', ${N}, ']')) ${J}) as \`groups\` ${W}`,
 gc_quote: `${C}, (select group_concat(concat('[', json_quote(g.id), ',', coalesce(json_quote(g.name), 'null'), ',', ${N}, ']')) ${J}) as \`groups\` ${W}`,
 gc_concat: `${C}, (select group_concat(concat(g.id, ' ', coalesce(g.name, ''), ${N})) ${J}) as \`groups\` ${W}`,
 arr_left: `${C}, (select json_arrayagg(concat(left(g.id,64), ' ', left(coalesce(g.name, ''),200), ${N})) ${J}) as \`groups\` ${W}`,
 leftjoin: `${C}, g.id as gid, g.name as gname from ${U} r left join ${M} m on m.tenant = r.tenant and m.member_id = r.id left join ${G} g on g.tenant = m.tenant and g.id = m.group_id where r.tenant = ? and r.id = ?`,
 leftjoinnested: `${C}, g.id as gid, g.name as gname, g.id is not null and ${N} as nested from ${U} r left join ${M} m on m.tenant = r.tenant and m.member_id = r.id left join ${G} g on g.tenant = m.tenant and g.id = m.group_id where r.tenant = ? and r.id = ?`,
};
for (const m of ['query','execute'] as const) { const best: Record<string,number> = {}; for (let r=0;r<7;r++) for (const [k,v] of Object.entries(variants)) { const p = k==='floor'?['a','a']:['default',id]; const t=performance.now(); for (let i=0;i<120;i++) await new Promise<void>((res, rej) => (pool as any)[m](v, p, (e: unknown) => (e ? rej(e) : res()))); best[k]=Math.min(best[k]??1e9,(performance.now()-t)/120*1000); } console.log(m, Object.entries(best).map(([k,v])=>`${k} ${v.toFixed(0)}`).join(' | ')); }
for (const [m,s,p] of [['query','select 1 as a where ? = 1',[1]],['execute','select 1 as a where ? = 1',[1]]] as any) { const t=performance.now(); for(let i=0;i<300;i++) await new Promise<void>((r)=>(pool as any)[m](s,p,()=>r())); console.log('floor',m,((performance.now()-t)/300*1000).toFixed(0)); }
await dropScimTables(db, { tables }); server.close(); await db.destroy(); process.exit(0);

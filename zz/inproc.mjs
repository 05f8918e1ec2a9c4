import { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { Session } from 'node:inspector/promises';
import fs from 'node:fs';
import { Kysely, PostgresDialect } from 'kysely';
import express from 'express';
import { connectorKeys, createScimRouter } from '../dist/index.js';
import { sqlStore, withPreparedStatements } from '../dist/sql.js';
const user = (i) => ({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User','urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'], externalId: `ext-${i}`, userName: `User.${i}@example.com`, name: { formatted: `Given${i} Family${i}`, familyName: `Family${i}`, givenName: `Given${i}` }, displayName: `Given${i} Family${i}`, nickName: `Nick${i}`, title: 'Maintenance technician', preferredLanguage: 'en-GB', active: true, emails: [{ value: `user.${i}@example.com`, type: 'work', primary: true }, { value: `user.${i}@home.example`, type: 'home' }], phoneNumbers: [{ value: '+44 20 0001415', type: 'work' }, { value: '+44 77 0001415', type: 'mobile' }], addresses: [{ type: 'work', formatted: '1 Harbour Road, Southampton SO14 1AA', streetAddress: '1 Harbour Road', locality: 'Southampton', region: 'Hampshire', postalCode: 'SO14 1AA', country: 'GB' }], 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: `10${i}`, costCenter: 'C-15', department: 'Workshop' } });
const { active, schemas, ...attrs } = user(1); const text = JSON.stringify(attrs); const id='1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';
const row = () => ({ id, attributes: text, bytes: text.length, active: '1', created: '1700000000000', last_modified: '1700000000000', version: '3', groups: null, total: '1', next_version: '4', next_modified: '1700000000001', moved: JSON.stringify([id]) });
const seen = new Map();
const client = { query: (q, v) => { const t = q.text ?? q; seen.set(t, (seen.get(t) ?? 0) + 1); return Promise.resolve({ command: t.startsWith('insert') ? 'INSERT' : 'SELECT', rowCount: 1, rows: [row()] }); }, release() {} };
const pool = { connect: async () => client, end: async () => {} };
const db = new Kysely({ dialect: new PostgresDialect({ pool: withPreparedStatements(pool) }) });
const app = express(); app.disable('x-powered-by');
app.use('/scim/v2', createScimRouter(sqlStore(db, {}), { authenticate: connectorKeys([{ key: 'bench-key-of-some-length' }]) }));
process.on('warning',()=>{}); const hand = express(); hand.set('env','test'); hand.disable('x-powered-by'); hand.use(express.json({type:['application/json','application/scim+json']}));
const resource = (r) => ({ schemas, id: r.id, ...JSON.parse(r.attributes), active: r.active === '1', meta: { resourceType: 'User', created: new Date(Number(r.created)).toISOString(), lastModified: new Date(Number(r.last_modified)).toISOString(), location: `http://x/Users/${r.id}`, version: `W/"${r.version}"` } });
const one = async (q) => (await (await pool.connect()).query(q)).rows[0];
const auth = (req,res,next)=> req.headers.authorization==='Bearer bench-key-of-some-length'?next():res.status(401).end();
hand.use('/scim/v2', auth);
hand.get('/scim/v2/Users/:id', async (req,res)=>{ res.type('application/scim+json').json(resource(await one({name:'a',text:'get',values:[req.params.id]}))); });
hand.get('/scim/v2/Users', async (req,res)=>{ const m=/^(\w+) eq "(.*)"$/.exec(req.query.filter); res.type('application/scim+json').json({schemas:['urn:ietf:params:scim:api:messages:2.0:ListResponse'],totalResults:1,itemsPerPage:1,startIndex:1,Resources:[resource(await one({name:'b',text:'sel',values:[m[2]]}))]}); });
hand.post('/scim/v2/Users', async (req,res)=>{ const {active,...a}=req.body; const r=await one({name:'c',text:'ins',values:[JSON.stringify(a)]}); res.status(201).type('application/scim+json').json(resource({...r,attributes:JSON.stringify(a)})); });
hand.put('/scim/v2/Users/:id', async (req,res)=>{ const {active,...a}=req.body; const r=await one({name:'d',text:'upd',values:[JSON.stringify(a)]}); res.type('application/scim+json').json(resource({...r,attributes:JSON.stringify(a)})); });
hand.patch('/scim/v2/Users/:id', async (req,res)=>{ const r=await one({name:'e',text:'upd',values:[req.body.Operations[0].value]}); res.type('application/scim+json').json(resource(r)); });
hand.patch('/scim/v2/Groups/:id', async (req,res)=>{ await one({name:'f',text:'mem',values:[req.body.Operations[0].value]}); res.status(204).end(); });
const patch=(op)=>JSON.stringify({schemas:['urn:ietf:params:scim:api:messages:2.0:PatchOp'],Operations:[op]});
const f=(t)=>`/scim/v2/Users?filter=${encodeURIComponent(t)}`;
const ops = {
  get: (i)=>['GET',`/scim/v2/Users/${id}`],
  userName: (i)=>['GET',f(`userName eq "User.${i}@example.com"`)],
  externalId: (i)=>['GET',f(`externalId eq "ext-${i}"`)],
  active: (i)=>['PATCH',`/scim/v2/Users/${id}`,patch({op:'Replace',path:'active',value:i%2?'True':'False'})],
  attribute: (i)=>['PATCH',`/scim/v2/Users/${id}`,patch({op:'Replace',path:'title',value:`Title ${i}`})],
  put: (i)=>['PUT',`/scim/v2/Users/${id}`,JSON.stringify(user(i))],
  create: (i)=>['POST',`/scim/v2/Users`,JSON.stringify(user(i))],
  member: (i)=>['PATCH',`/scim/v2/Groups/${id}`,patch({op:'Add',path:'members',value:[{value:id}]})],
};
class Sink extends Writable { constructor(done){super(); this.done=done; this.n=0;} _write(c,e,cb){ this.n+=c.length; cb(); } }
const sock = { remoteAddress:'127.0.0.1', encrypted:false, destroyed:false, writable:true, on(){}, once(){}, removeListener(){}, off(){}, emit(){}, cork(){}, uncork(){}, setTimeout(){}, write(){return true;}, end(){}, destroy(){} };
function call(target,[method,url,body],dump) { return new Promise((resolve)=>{
  const req = new IncomingMessage(sock); req.method=method; req.url=url; req.httpVersion='1.1'; req.httpVersionMajor=1; req.httpVersionMinor=1;
  const h = { host:'127.0.0.1:3000', authorization:'Bearer bench-key-of-some-length', accept:'application/scim+json' };
  if (body!==undefined){ h['content-type']='application/scim+json'; h['content-length']=String(Buffer.byteLength(body)); }
  for (const k in h) { req.headers[k]=h[k]; req.rawHeaders.push(k,h[k]); }
  const res = new ServerResponse(req); const sink=new Sink(); sink.remoteAddress='127.0.0.1'; let out='';
  sink.write=(c,e,cb)=>{ if(dump) out+=c; if(typeof e==='function') cb=e; cb?.(); return true; }; 
  res.assignSocket(sink); res.on('finish',()=>{ resolve(dump?out:res.statusCode); });
  if (body!==undefined) { req.push(Buffer.from(body)); } req.push(null); req.complete=true;
  target(req,res);
});}
const only = process.argv[2]?.split(',') ?? Object.keys(ops); const N=Number(process.argv[3]??8000); const prof=process.argv[4];
for (const name of only) { seen.clear(); const outs=await call(app,ops[name](1),true); if(prof==='dump') console.log(outs, await call(hand,ops[name](1),true), [...seen.keys()]); else if(!/^HTTP\/1.1 20/.test(outs)) console.log(name, outs.slice(0,400)); }
const run = async (target,name,n) => { const t=process.cpuUsage(); for(let i=0;i<n;i++) await call(target,ops[name](i)); const u=process.cpuUsage(t); return (u.user+u.system)/n; };
for (const name of only) {
  for (const t of [app,hand]) await run(t,name,3000);
  const a=[],b=[]; for(let r=0;r<5;r++){ a.push(await run(app,name,N/5)); b.push(await run(hand,name,N/5)); }
  const med=(x)=>x.sort((p,q)=>p-q)[2]; console.log(name.padEnd(12),'ours',med(a).toFixed(1),'hand',med(b).toFixed(1),'diff',(med(a)-med(b)).toFixed(1));
  if (prof==='heap') { for (const [tn,t] of [['ours',app],['hand',hand]]) { const s=new Session(); s.connect(); await s.post('HeapProfiler.enable'); await s.post('HeapProfiler.startSampling',{samplingInterval:4096,includeObjectsCollectedByMajorGC:true,includeObjectsCollectedByMinorGC:true}); await run(t,name,4000); const {profile}=await s.post('HeapProfiler.stopSampling'); s.disconnect(); const m=new Map(); let tot=0; const walk=(n,chain)=>{ const f=n.callFrame; const k=(f.functionName||'anon')+'@'+f.url.split('/').pop()+':'+f.lineNumber; tot+=n.selfSize; m.set(k,(m.get(k)??0)+n.selfSize); for(const c of n.children) walk(c); }; walk(profile.head); console.log(name,tn,'bytes/request',(tot/4000).toFixed(0)); for(const [k,v] of [...m].sort((a,b)=>b[1]-a[1]).slice(0,26)) console.log('   ',(v/4000).toFixed(0).padStart(6),k); } }
  if (prof==='prof') { const s=new Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval',{interval:100}); await s.post('Profiler.start'); await run(app,name,N); const {profile}=await s.post('Profiler.stop'); fs.writeFileSync(`/tmp/w2/p4/h/${name}.cpuprofile`,JSON.stringify(profile)); s.disconnect(); }
}

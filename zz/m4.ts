import { createPool } from 'mysql2';
const pool = createPool({ uri: process.env['MARIADB_URL'], connectionLimit: 1 });
const q = (t: string, p: unknown[] = []) => new Promise<any>((res, rej) => pool.query(t, p, (e: unknown, r: unknown) => (e ? rej(e) : res(r))));
const rows = await q("select table_name n from information_schema.tables where table_name like '%\\_members' order by 1 limit 3"); console.log(rows);
const pre = String(rows[0].n ?? rows[0].N).replace(/members$/, ''); const M = pre+'members', G = pre+'groups';
const J=`from ${M} m join ${G} g on g.tenant = m.tenant and g.id = m.group_id where m.tenant = 'default' and m.member_id = 'x'`;
const N=`exists (select 1 from ${M} n where n.tenant = g.tenant and n.member_id = g.id)`;
console.log((await q(`show create table ${G}`))[0]);
for (const e of [`g.id`, `convert(g.id using utf8mb4)`, `left(g.name,300)`, `left(convert(g.name using utf8mb4),300)`, `left(coalesce(g.name,''),300)`, `left(coalesce(convert(g.name using utf8mb4),''),300)`, `concat(convert(g.id using utf8mb4),' ',left(g.name,300))`, `concat(if(${N},'+','-'),g.id,' ',left(g.name,300))`, `concat(if(${N} or char_length(g.name)>300,'+','-'),g.id,' ',left(g.name,300))`, `concat(if(${N},'+','-'),if(g.name is null,'-','+'),convert(g.id using utf8mb4),' ',left(coalesce(convert(g.name using utf8mb4),''),300))`, `concat(if(${N} or char_length(convert(g.name using utf8mb4))>300,'+','-'),if(g.name is null,'-','+'),convert(g.id using utf8mb4),' ',left(coalesce(g.name,''),300))`,`concat(if(char_length(g.name)>300,'+','-'),left(g.name,200))`,`concat(if(g.name is null,'-','+'),left(g.name,200))`,`if(char_length(g.name)>300,'+','-')`,`concat(${N},'+',left(g.name,200))`]) {
  const st = async () => Number((await q("show session status like 'Created_tmp_disk_tables'"))[0].Value);
  const b = await st(); await q(`select (select json_arrayagg(${e}) ${J})`); console.log(await st() - b, e.replace(N,'N'));
}
process.exit(0);

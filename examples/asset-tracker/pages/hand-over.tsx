// Hand-over: the assets to return, the reason, and the manager who was notified.
import { Router } from 'express';
import type { Kysely } from 'kysely';
import { sqlOffboardingTaskStore } from 'express-scim/sql';
import type { Tables } from '../database.js';
import { nameOf } from '../users.js';
import { type Services, tenant } from '../services.js';
import { administratorOf, frameOf, goTo } from './frame.js';
import { Icon } from './icons.js';
import { Badge, Csrf, Name, Page, MemberLink, sendPage, When } from './page.js';

async function openFlags(db: Kysely<Tables>) {
  return db
    .selectFrom('flags')
    .leftJoin('members as holder', 'holder.id', 'flags.member_id')
    .leftJoin('members as manager', 'manager.id', 'flags.manager_id')
    .leftJoin('assets', (join) => join.onRef('assets.id', '=', 'flags.subject_id').on('flags.subject', '=', 'asset'))
    .leftJoin('teams', (join) => join.onRef('teams.id', '=', 'flags.subject_id').on('flags.subject', '=', 'team'))
    .leftJoin('notices', 'notices.id', 'flags.id')
    .selectAll('flags')
    .select(['assets.name as asset', 'assets.tag', 'teams.name as team', 'notices.sent_at'])
    .select(['holder.display_name', 'holder.first_name', 'holder.last_name', 'holder.email'])
    .select(['manager.display_name as manager_name', 'manager.email as manager_email'])
    .where('flags.cleared_at', 'is', null)
    .orderBy('flags.set_at', 'desc')
    .orderBy('flags.id')
    .execute();
}

type Flag = Awaited<ReturnType<typeof openFlags>>[number];

/** Groups flags by member. */
function byMember(flags: readonly Flag[]): Flag[][] {
  const groups = new Map<number, Flag[]>();
  for (const flag of flags) groups.set(flag.member_id ?? 0, [...(groups.get(flag.member_id ?? 0) ?? []), flag]);
  return [...groups.values()];
}

function HandOver({ flags, csrf }: { readonly flags: readonly Flag[]; readonly csrf: string }) {
  return (
    <>
      <h1>Hand-over</h1>
      <p class="hint">Assets to return and teams without a lead: the reason, and the manager who was notified.</p>
      <div data-live>
        {flags.length === 0 && (
          <section class="card calm">
            <Icon name="check" />
            <h2>Nothing to hand over</h2>
            <p class="hint">
              When a member who holds assets may no longer sign in, the assets are listed here and the manager is
              notified.
            </p>
          </section>
        )}
        {byMember(flags).map((group) => (
          <Group flags={group} csrf={csrf} />
        ))}
      </div>
    </>
  );
}

function Group({ flags, csrf }: { readonly flags: readonly Flag[]; readonly csrf: string }) {
  const [first] = flags;
  if (first === undefined) return null;
  const notified = flags.find(({ sent_at }) => sent_at !== null);
  const { member_id, email } = first;
  const name = nameOf({ ...first, email: email ?? 'A former member' });
  return (
    <section class="card">
      <div class="heading small">
        <h2>{member_id === null ? <Name>{name}</Name> : <MemberLink id={member_id} name={name} />}</h2>
        <p class="notified">
          {notified === undefined ? (
            <Badge>No manager to notify</Badge>
          ) : (
            <>
              <Icon name="bell" /> <Name>{notified.manager_name ?? notified.manager_email ?? 'The manager'}</Name> was
              notified <When at={notified.sent_at ?? notified.set_at} exact />
            </>
          )}
        </p>
      </div>
      <ul class="rows">
        {flags.map((flag) => {
          const thing = flag.asset ?? flag.team ?? 'A deleted asset or team';
          const asset = flag.subject === 'asset' ? `/assets/${String(flag.subject_id)}` : '/teams';
          return (
            <li id={`flag-${flag.id}`}>
              <span class="grow">
                <a href={asset}>
                  <Name>{thing}</Name>
                </a>{' '}
                <Badge tone="warn">{flag.label}</Badge>
                <small>
                  {flag.tag !== null && (
                    <>
                      <Name>{flag.tag}</Name> ·{' '}
                    </>
                  )}
                  <Name>{flag.reason}</Name> · <Name>{flag.set_by}</Name>, <When at={flag.set_at} exact />
                </small>
              </span>
              <span class="buttons">
                {flag.subject === 'asset' && (
                  <form method="post" action={`/assets/${String(flag.subject_id)}/check-in`}>
                    <Csrf token={csrf} />
                    <input type="hidden" name="back" value="/hand-over" />
                    <button class="primary">
                      Check in <span class="hidden">{thing}</span>
                    </button>
                  </form>
                )}
                <form method="post" action={`/hand-over/${flag.id}/settle`}>
                  <Csrf token={csrf} />
                  <button title="Clear the flag: it stays with the member, and off-boarding does not flag it again.">
                    Keep it <span class="hidden">{thing}</span>
                  </button>
                </form>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function handOver({ database }: Services): Router {
  const { db } = database;
  const tasks = sqlOffboardingTaskStore(db);
  const router = Router();
  router.get('/', async (req, res) => {
    const frame = await frameOf(req, res, database, 'Hand-over');
    sendPage(
      res,
      <Page {...frame}>
        <HandOver flags={await openFlags(db)} csrf={frame.administrator.csrf} />
      </Page>,
    );
  });
  router.post('/:id/settle', async (req, res) => {
    const { name } = administratorOf(res);
    const { numUpdatedRows } = await db
      .updateTable('flags')
      .set({ cleared_at: new Date().toISOString(), cleared_by: name })
      .where('id', '=', req.params.id)
      .where('cleared_at', 'is', null)
      .executeTakeFirstOrThrow();
    await tasks.settle(tenant, req.params.id, name);
    goTo(res, '/hand-over', numUpdatedRows === 1n ? { done: 'settled' } : { problem: 'gone' });
  });
  return router;
}

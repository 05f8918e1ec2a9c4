// The list of assets, with forms to check them in and out.
import { Router } from 'express';
import { requestReturn, checkIn, checkOut } from '../custody.js';
import type { Database } from '../database.js';
import { nameOf } from '../users.js';
import type { Services } from '../services.js';
import { readAsset } from './asset-history.js';
import { Asset } from './asset.js';
import { administratorOf, field, frameOf, goTo, key } from './frame.js';
import { Icon } from './icons.js';
import { Badge, Csrf, Empty, Name, Page, MemberLink, sendPage, When } from './page.js';

const shows = { all: 'Everything', in: 'In the stores', out: 'Checked out', due: 'Return due' } as const;
type Show = keyof typeof shows;

async function listAssets({ db }: Database, words: string, show: Show) {
  const rows = await db
    .selectFrom('assets')
    .leftJoin('checkouts', (join) =>
      join.onRef('checkouts.asset_id', '=', 'assets.id').on('checkouts.returned_at', 'is', null),
    )
    .leftJoin('members', 'members.id', 'checkouts.member_id')
    .leftJoin('flags', (join) =>
      join
        .onRef('flags.subject_id', '=', 'assets.id')
        .on('flags.subject', '=', 'asset')
        .on('flags.cleared_at', 'is', null),
    )
    .select([
      'assets.id',
      'assets.tag',
      'assets.name',
      'assets.category',
      'checkouts.checked_out_at',
      'flags.label as flag',
    ])
    .select([
      'members.id as holder_id',
      'members.display_name',
      'members.first_name',
      'members.last_name',
      'members.email',
    ])
    .orderBy('assets.tag')
    .execute();
  const searched = words.toLowerCase();
  return rows
    .map(({ holder_id, display_name, first_name, last_name, email, ...asset }) => ({
      ...asset,
      holder:
        holder_id === null
          ? undefined
          : { id: holder_id, name: nameOf({ display_name, first_name, last_name, email: email ?? '' }) },
    }))
    .filter(
      ({ holder, flag }) =>
        show === 'all' || (show === 'due' ? flag !== null : (holder === undefined) === (show === 'in')),
    )
    .filter(({ tag, name, category, holder }) =>
      `${tag} ${name} ${category} ${holder?.name ?? ''}`.toLowerCase().includes(searched),
    );
}

type Listed = Awaited<ReturnType<typeof listAssets>>[number];

function Assets({
  rows,
  words,
  show,
  csrf,
}: {
  readonly rows: readonly Listed[];
  readonly words: string;
  readonly show: Show;
  readonly csrf: string;
}) {
  return (
    <>
      <h1>Assets</h1>
      <form class="filters" method="get" role="search">
        <label class="grow">
          <span class="hidden">Search by tag, name, category or holder</span>
          <Icon name="search" />
          <input type="search" name="q" value={words} placeholder="Tag, name, category or holder" />
        </label>
        <label>
          <span class="hidden">Show</span>
          <select name="show">
            {Object.entries(shows).map(([value, label]) => (
              <option value={value} selected={value === show}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <button>Show</button>
      </form>
      {rows.length === 0 ? (
        <Empty>No assets match.</Empty>
      ) : (
        <div class="card table">
          <table>
            <caption class="hidden">Assets</caption>
            <thead>
              <tr>
                <th scope="col">Asset</th>
                <th scope="col">Category</th>
                <th scope="col">Held by</th>
                <th scope="col">Since</th>
                <th scope="col">
                  <span class="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, tag, name, category, holder, checked_out_at, flag }) => (
                <tr>
                  <td>
                    <a href={`/assets/${String(id)}`}>
                      <Name>{name}</Name>
                    </a>{' '}
                    {flag !== null && <Badge tone="warn">{flag}</Badge>}
                    <small>
                      <Name>{tag}</Name>
                    </small>
                  </td>
                  <td data-label="Category">{category}</td>
                  <td data-label="Held by">
                    {holder === undefined ? <Badge tone="good">In the stores</Badge> : <MemberLink {...holder} />}
                  </td>
                  <td data-label="Since">{checked_out_at === null ? '–' : <When at={checked_out_at} />}</td>
                  <td class="action">
                    {holder === undefined ? (
                      <a class="button" href={`/assets/${String(id)}#check-out`}>
                        Check out <span class="hidden">{name}</span>
                      </a>
                    ) : (
                      <form method="post" action={`/assets/${String(id)}/check-in`}>
                        <Csrf token={csrf} />
                        <input type="hidden" name="back" value="/assets" />
                        <button>
                          Check in <span class="hidden">{name}</span>
                        </button>
                      </form>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="pages">
        {rows.length} {rows.length === 1 ? 'asset' : 'assets'}
      </p>
    </>
  );
}

/** The page to return to after a form; never another origin. */
function returnPath(body: unknown, fallback: string): string {
  const back = field(body, 'back');
  return /^\/(?:assets|hand-over|members\/\d+)$/.test(back) ? back : fallback;
}

export function assets({ database }: Services): Router {
  const { db } = database;
  const router = Router();
  router.get('/', async (req, res) => {
    const requested = field(req.query, 'show');
    const show = Object.hasOwn(shows, requested) ? (requested as Show) : 'all';
    const words = field(req.query, 'q');
    const rows = await listAssets(database, words, show);
    const frame = await frameOf(req, res, database, 'Assets');
    sendPage(
      res,
      <Page {...frame}>
        <Assets rows={rows} words={words} show={show} csrf={frame.administrator.csrf} />
      </Page>,
    );
  });
  router.get('/:id', async (req, res, next) => {
    const found = await readAsset(db, key(req.params.id));
    if (found === undefined) return next();
    const frame = await frameOf(req, res, database, found.asset.name);
    sendPage(
      res,
      <Page {...frame}>
        <Asset {...found} csrf={frame.administrator.csrf} />
      </Page>,
    );
  });
  router.post('/:id/check-out', async (req, res) => {
    const outcome = await checkOut(
      db,
      key(req.params.id),
      key(field(req.body, 'member_id')),
      administratorOf(res).name,
    );
    goTo(res, `/assets/${req.params.id}`, outcome === 'done' ? { done: 'checked-out' } : { problem: outcome });
  });
  router.post('/:id/check-in', async (req, res) => {
    await checkIn(db, key(req.params.id), administratorOf(res).name);
    goTo(res, returnPath(req.body, `/assets/${req.params.id}`), { done: 'checked-in' });
  });
  router.post('/:id/request-return', async (req, res) => {
    const isFlagged = await requestReturn(db, key(req.params.id), field(req.body, 'reason'), administratorOf(res).name);
    goTo(res, `/assets/${req.params.id}`, isFlagged ? { done: 'flagged' } : { problem: 'already-flagged' });
  });
  return router;
}
